use serde::{Deserialize, Serialize};

/// The languages of the screen. Spanish comes first.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Es,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// BCP 47 primary subtag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// From a BCP 47 tag or an `Accept-Language` header (RFC 9110 §12.5.4): the first that we speak, by weight.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (Self::default(), -1.0_f32);
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or("").trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|p| {
                    p.trim()
                        .strip_prefix("q=")
                        .and_then(|q| q.parse::<f32>().ok())
                })
                .unwrap_or(1.0);
            let primary = tag.split('-').next().unwrap_or("");
            let Some(language) = Self::ALL.into_iter().find(|l| l.tag() == primary) else {
                continue;
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_speak_wins() {
        assert_eq!(Language::negotiate("en-US,en;q=0.9,es;q=0.8"), Language::En);
        assert_eq!(
            Language::negotiate("fr, es-AR;q=0.5, en;q=0.4"),
            Language::Es
        );
        assert_eq!(Language::negotiate("fr"), Language::Es);
        assert_eq!(Language::negotiate(""), Language::Es);
    }
}
