use kernel::Language;
use serde::{Deserialize, Serialize};

/// A text in both languages of the product. An empty one falls back on the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub es: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub en: String,
}

impl Words {
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            es: es.into(),
            en: en.into(),
        }
    }

    pub fn get(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Es => (&self.es, &self.en),
            Language::En => (&self.en, &self.es),
        };
        if first.is_empty() { second } else { first }
    }

    pub fn set(&mut self, language: Language, text: impl Into<String>) {
        match language {
            Language::Es => self.es = text.into(),
            Language::En => self.en = text.into(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.es.is_empty() && self.en.is_empty()
    }
}
