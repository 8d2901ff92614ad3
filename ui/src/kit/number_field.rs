use leptos::prelude::*;

use super::field::field_context;
use crate::format;

/// A number or an amount. Typed with the region's decimal mark, shown with its grouping once left. `value` holds the exact
/// decimal with a point (`1514.50`), or nothing; no double is ever involved.
///
/// What is not a number stays as typed, and `unreadable` turns true.
#[component]
pub fn NumberField(
    value: RwSignal<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    /// Places after the mark, no more of them taken; without it as many as were typed.
    #[prop(optional, into)]
    decimals: Option<u8>,
    /// Whether so many places are always shown, or at most so many.
    #[prop(default = true)]
    fixed: bool,
    /// Shown behind the figures: a currency, `%`, `kg`.
    #[prop(optional, into)]
    unit: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] read_only: Signal<bool>,
    #[prop(optional)] unreadable: Option<RwSignal<bool>>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    let typed = RwSignal::new(None::<String>);
    let text = move || {
        typed.get().unwrap_or_else(|| {
            value.with(|value| {
                if value.is_empty() {
                    String::new()
                } else {
                    format::number(value, decimals.filter(|_| fixed))
                }
            })
        })
    };
    let read = move || {
        let Some(words) = typed.try_get_untracked().flatten() else {
            return;
        };
        let read = if words.trim().is_empty() {
            Some(String::new())
        } else {
            parse_number(&words, format::decimal_mark(), decimals)
        };
        if let Some(unreadable) = unreadable {
            unreadable.set(read.is_none());
        }
        if let Some(read) = read {
            value.set(read);
            typed.set(None);
            if let Some(commit) = on_commit {
                commit.try_run(());
            }
        }
    };
    view! {
        <div class="input input-figures">
            <input
                id=field.id
                inputmode="decimal"
                autocomplete="off"
                aria-label=move || label.map(|label| label.get())
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                disabled=disabled
                readonly=read_only
                prop:value=text
                on:input=move |event| typed.set(Some(event_target_value(&event)))
                on:blur=move |_| read()
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        read();
                    }
                }
            />
            {unit.map(|unit| view! { <span class="input-unit">{unit}</span> })}
        </div>
    }
}

/// What a person typed, as an exact decimal with a point: `1.514,5` with the mark `,` is `1514.5`. The other mark groups
/// thousands, and only where it can; a lone point or comma that cannot group (`3.75`) is taken for the decimal mark,
/// because keypads type it. `None`: not a number, or more places than `decimals`.
pub fn parse_number(text: &str, mark: char, decimals: Option<u8>) -> Option<String> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '$' | '\'' | '\u{a0}' | '\u{202f}'))
        .collect();
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let group = if mark == ',' { '.' } else { ',' };
    let (whole, places) = match digits.rsplit_once(mark) {
        Some((whole, places)) => (whole, places),
        None => match digits.rsplit_once(group) {
            Some((whole, places)) if places.len() != 3 && !whole.contains(group) => (whole, places),
            _ => (digits, ""),
        },
    };
    let mut pieces = whole.split(group);
    let first = pieces.next().unwrap_or("");
    let mut joined = first.to_owned();
    for piece in pieces {
        if piece.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        joined.push_str(piece);
    }
    let numeric = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    if !numeric(&joined) || !numeric(places) || (joined.is_empty() && places.is_empty()) {
        return None;
    }
    if decimals.is_some_and(|most| places.trim_end_matches('0').len() > usize::from(most)) {
        return None;
    }
    let whole = joined.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative { "-" } else { "" };
    Some(if places.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{places}")
    })
}

#[cfg(test)]
mod tests {
    use super::parse_number;

    #[test]
    fn what_people_type_is_read_exactly() {
        let latin = |text| parse_number(text, ',', Some(2));
        assert_eq!(latin("1.514,00").as_deref(), Some("1514.00"));
        assert_eq!(latin("1514,5").as_deref(), Some("1514.5"));
        assert_eq!(latin("1.514").as_deref(), Some("1514"));
        assert_eq!(latin("3.75").as_deref(), Some("3.75"));
        assert_eq!(latin("$ 1.234.567,89").as_deref(), Some("1234567.89"));
        assert_eq!(latin("-0,50").as_deref(), Some("-0.50"));
        assert_eq!(latin("1,999"), None);
        assert_eq!(latin("12.34.567"), None);
        assert_eq!(latin("doce"), None);
        assert_eq!(latin("-"), None);
        assert_eq!(
            parse_number("1,514.25", '.', Some(2)).as_deref(),
            Some("1514.25")
        );
        assert_eq!(
            parse_number("99999999999999999.1234", '.', None).as_deref(),
            Some("99999999999999999.1234")
        );
    }
}
