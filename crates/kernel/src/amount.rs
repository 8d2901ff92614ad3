use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An exact amount with four decimals: `numeric(19,4)` on PostgreSQL, an integer of ten-thousandths on SQLite.
///
/// Range: ±922,337,203,685,477.5807 (what an `i64` of ten-thousandths holds). The currency stands beside it, in whatever
/// record holds it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Amount(Decimal);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountError {
    /// Outside what the databases can hold.
    OutOfRange,
    /// More than four decimals that are not zero.
    TooPrecise,
    NotANumber,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "the amount is larger than ±922,337,203,685,477.5807",
            Self::TooPrecise => "the amount has more than four decimals",
            Self::NotANumber => "the amount is not a number",
        })
    }
}
impl std::error::Error for AmountError {}

impl Amount {
    pub const ZERO: Self = Self(Decimal::ZERO);

    pub fn from_ten_thousandths(units: i64) -> Self {
        Self(Decimal::new(units, 4))
    }

    pub fn ten_thousandths(self) -> i64 {
        // In range by construction: `try_from` and `from_ten_thousandths` are the only ways in.
        let mut scaled = self.0;
        scaled.rescale(4);
        i64::try_from(scaled.mantissa()).unwrap_or(i64::MAX)
    }

    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// Rounded half-even to four decimals, as banks do.
    pub fn rounded(value: Decimal) -> Result<Self, AmountError> {
        Self::try_from(value.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven))
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = AmountError;
    fn try_from(value: Decimal) -> Result<Self, Self::Error> {
        if value.normalize().scale() > 4 {
            return Err(AmountError::TooPrecise);
        }
        let mut scaled = value;
        scaled.rescale(4);
        // `rescale` keeps fewer digits when the mantissa would overflow: then the amount is far out of range.
        if scaled.scale() != 4 || i64::try_from(scaled.mantissa()).is_err() {
            return Err(AmountError::OutOfRange);
        }
        Ok(Self(scaled))
    }
}
impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}
impl FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim()
            .parse::<Decimal>()
            .map_err(|_| AmountError::NotANumber)
            .and_then(Self::try_from)
    }
}
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}
impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "utoipa")]
impl utoipa::PartialSchema for Amount {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("decimal".into())))
            .pattern(Some(r"^-?\d{1,15}(\.\d{1,4})?$"))
            .into()
    }
}
#[cfg(feature = "utoipa")]
impl utoipa::ToSchema for Amount {
    fn name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_scaled_form_orders_and_reads_back(a: i64, b: i64) {
            let (x, y) = (Amount::from_ten_thousandths(a), Amount::from_ten_thousandths(b));
            prop_assert_eq!(x.ten_thousandths(), a);
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_string().parse::<Amount>().unwrap(), x);
        }
    }

    #[test]
    fn what_the_databases_cannot_hold_is_refused() {
        assert_eq!("1.00001".parse::<Amount>(), Err(AmountError::TooPrecise));
        assert_eq!(
            "922337203685477.5808".parse::<Amount>(),
            Err(AmountError::OutOfRange)
        );
        assert_eq!("doce".parse::<Amount>(), Err(AmountError::NotANumber));
        assert_eq!("1.50000".parse::<Amount>().unwrap().to_string(), "1.5");
    }
}
