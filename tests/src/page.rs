use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use thirtyfour::{By, Key, TypingData, WebDriver, WebElement};
use tokio::time::timeout;

use crate::{eventually, place::screenshots};

/// How long a screen may take to show something, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a person does with a screen, by the words that they see: window and browser alike.
pub struct Page {
    driver: WebDriver,
    /// The X display, where the page is in a window of it.
    display: Option<String>,
}

impl Page {
    pub(crate) const fn new(driver: WebDriver, display: Option<String>) -> Self {
        Self { driver, display }
    }

    /// For what the methods below do not say.
    pub const fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Waits until the text is to be read somewhere.
    pub async fn shows(&self, text: &str) -> Result<()> {
        let found = eventually(&format!("the text «{text}»"), PATIENCE, || async {
            Ok(self.text().await?.contains(text).then_some(()))
        })
        .await;
        self.explained(found).await
    }

    /// Waits until the text is gone.
    pub async fn hides(&self, text: &str) -> Result<()> {
        let gone = eventually(&format!("«{text}» to go"), PATIENCE, || async {
            Ok((!self.text().await?.contains(text)).then_some(()))
        })
        .await;
        self.explained(gone).await
    }

    /// Presses the button, link, tab or menu item of that name.
    pub async fn press(&self, name: &str) -> Result<()> {
        let name = quoted(name);
        let named = format!("[normalize-space(.)={name} or @aria-label={name} or @title={name}]");
        let kinds = [
            "button",
            "a",
            "*[@role='button']",
            "*[@role='tab']",
            "*[@role='menuitem']",
            "*[@role='option']",
            "summary",
        ];
        let paths: Vec<String> = kinds
            .iter()
            .map(|kind| format!("//{kind}{named}"))
            .collect();
        self.element(&paths.join(" | ")).await?.click().await?;
        Ok(())
    }

    /// Writes into the field of that label, in place of what was there.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        self.write(&self.field(label).await?, text).await
    }

    /// Writes into a field, in place of what was there.
    pub async fn write(&self, field: &WebElement, text: &str) -> Result<()> {
        // What floats above it, a message of a moment ago, goes away by itself.
        eventually("a field to be reached", PATIENCE, || async {
            field.click().await?;
            Ok(Some(()))
        })
        .await?;
        field.send_keys(Key::Control + "a").await?;
        if text.is_empty() {
            field.send_keys(Key::Delete + "").await?;
        } else {
            field.send_keys(text).await?;
        }
        Ok(())
    }

    /// Chooses among what a field offers: a radio button, a line of a list.
    pub async fn choose(&self, field: &str, choice: &str) -> Result<()> {
        let (field, choice) = (quoted(field), quoted(choice));
        let inside = format!("//*[@id={field}]//");
        let named = format!("[normalize-space(.)={choice}]");
        let choice = self
            .element(&format!(
                "{inside}label{named} | {inside}*[@role='radio']{named} | {inside}option{named}"
            ))
            .await?;
        choice.click().await?;
        Ok(())
    }

    /// Ticks a box or throws a switch, if it is not on already.
    pub async fn tick(&self, field: &str) -> Result<()> {
        // The box itself may be drawn by its label: what can be seen is clicked, what is checked is asked of the page.
        self.run(&format!(
            "const box = document.getElementById({0}); \
             if (!box.checked && box.getAttribute('aria-checked') !== 'true') box.click();",
            serde_json::to_string(field)?
        ))
        .await
        .map(drop)
    }

    /// The field that a label names: by `for`, by holding it, or by `aria-label`.
    pub async fn field(&self, label: &str) -> Result<WebElement> {
        let name = quoted(label);
        let label = format!(
            "//label[normalize-space(.)={name} or starts-with(normalize-space(.), {name})]"
        );
        self.element(&format!(
            "//*[@id={label}/@for] | {label}//input | {label}//textarea | {label}//select \
             | //*[@aria-label={name} and (self::input or self::textarea or self::select)] \
             | //*[@placeholder={name}]"
        ))
        .await
    }

    /// The element of that id, waiting for it.
    pub async fn id(&self, id: &str) -> Result<WebElement> {
        let found = eventually(&format!("#{id}"), PATIENCE, || async {
            let found = self.driver.find_all(By::Id(id)).await?;
            Ok(found.into_iter().next())
        })
        .await;
        self.explained(found).await
    }

    /// Waits until what has that id reads exactly so.
    pub async fn shows_in(&self, id: &str, text: &str) -> Result<()> {
        let wanted = format!("#{id} to read «{text}»");
        let found = eventually(&wanted, PATIENCE, || async {
            let script =
                format!("return document.getElementById({id:?})?.textContent.trim() ?? null");
            Ok((self.run(&script).await? == *text).then_some(()))
        })
        .await;
        self.explained(found).await
    }

    /// Waits until what is typed goes to what has that id.
    pub async fn focus_comes_to(&self, id: &str) -> Result<()> {
        let found = eventually(&format!("the focus on #{id}"), PATIENCE, || async {
            let focused = self.run("return document.activeElement?.id ?? ''").await?;
            Ok((focused == id).then_some(()))
        })
        .await;
        self.explained(found).await
    }

    /// Presses what has that id.
    pub async fn press_id(&self, id: &str) -> Result<()> {
        // A screen that has just been drawn anew replaces its elements: then the press is repeated on the new one.
        let pressed = eventually(&format!("#{id} to be pressed"), PATIENCE, || async {
            self.id(id).await?.click().await?;
            Ok(Some(()))
        })
        .await;
        self.explained(pressed).await
    }

    /// Signs in on the sign-in screen and waits for what comes after it.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<()> {
        self.write(&self.id("login").await?, login).await?;
        self.write(&self.id("password").await?, password).await?;
        self.press_id("sign-in-button").await?;
        self.id("person-menu").await.map(drop)
    }

    /// Sends keys to whatever has the focus.
    pub async fn keys(&self, keys: impl Into<TypingData>) -> Result<()> {
        self.driver.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// The first element on the XPath that can be seen, waiting for it.
    pub async fn element(&self, xpath: &str) -> Result<WebElement> {
        let found = eventually(xpath, PATIENCE, || async {
            for element in self.driver.find_all(By::XPath(xpath)).await? {
                if element.is_displayed().await? && element.is_enabled().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await;
        self.explained(found).await
    }

    /// Everything that can be read on the screen.
    pub async fn text(&self) -> Result<String> {
        let text = self
            .run("return document.body ? document.body.innerText : ''")
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a function's body in the page.
    pub async fn run(&self, script: &str) -> Result<Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Waits for a promise: its value, or what it was rejected with.
    pub async fn promised(&self, expression: &str) -> Result<std::result::Result<Value, Value>> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             ({expression}).then(value => done({{Ok: value ?? null}}), error => done({{Err: error?.message ?? error ?? null}}));"
        );
        let answer = self.driver.execute_async(script, Vec::new()).await?;
        Ok(serde_json::from_value(answer.json().clone())?)
    }

    /// Opens a route of the UI as if the person had followed a link to it.
    pub async fn route(&self, path: &str) -> Result<()> {
        let path = serde_json::to_string(path)?;
        self.run(&format!(
            "history.pushState(null, '', {path}); dispatchEvent(new PopStateEvent('popstate'));"
        ))
        .await
        .map(drop)
    }

    /// What was written to the console as an error since the page was loaded cannot be asked of every engine; what the
    /// policy of the page refused can, once [`Page::watch_policy`] has been called.
    pub async fn refused_by_policy(&self) -> Result<Vec<String>> {
        let refused = self.run("return window.__refused || []").await?;
        Ok(serde_json::from_value(refused)?)
    }

    pub async fn watch_policy(&self) -> Result<()> {
        self.run(
            "window.__refused = []; document.addEventListener('securitypolicyviolation', \
             e => window.__refused.push(e.violatedDirective + ' ' + e.blockedURI));",
        )
        .await
        .map(drop)
    }

    /// A picture in `target/screenshots/NAME.png`.
    pub async fn picture(&self, name: &str) -> Result<PathBuf> {
        let file = screenshots()?.join(format!("{name}.png"));
        // WebKit's own may hang without a graphics card; the display's never does.
        let taken = timeout(Duration::from_secs(5), self.driver.screenshot_as_png()).await;
        if let Ok(Ok(picture)) = taken {
            fs::write(&file, picture)?;
            return Ok(file);
        }
        let Some(display) = &self.display else {
            bail!("the browser gives no picture");
        };
        let done = Command::new("import")
            .args(["-display", display, "-window", "root"])
            .arg(&file)
            .output()
            .context("cannot start import (imagemagick)")?;
        if !done.status.success() {
            bail!("import: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(file)
    }

    /// A failure without a look at the screen explains little.
    async fn explained<T>(&self, result: Result<T>) -> Result<T> {
        let Err(error) = result else { return result };
        let picture = self
            .picture(&format!("failed-{}", std::process::id()))
            .await
            .map_or_else(|error| error.to_string(), |file| file.display().to_string());
        let text = self.text().await.unwrap_or_default();
        Err(error.context(format!("picture: {picture}; the screen says:\n{text}")))
    }
}

/// An XPath string, whichever quotes are in it.
fn quoted(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let parts: Vec<String> = text.split('"').map(|part| format!("\"{part}\"")).collect();
    format!("concat({})", parts.join(", '\"', "))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn any_words_can_be_looked_for() {
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("a \"b\""), "concat(\"a \", '\"', \"b\", '\"', \"\")");
    }
}
