//! The two kinds of duration: a length in seconds, and a count of months.

use crate::number::{Number, Rounding};

use super::NANOS_PER_SECOND;

/// A length of time in days, hours, minutes and seconds, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DaysTimeDuration {
    seconds: i64,
    /// 0 to 999,999,999, also for negative lengths.
    nanos: u32,
}

/// A count of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearsMonthsDuration {
    months: i64,
}

impl DaysTimeDuration {
    /// No time at all.
    pub const ZERO: Self = Self {
        seconds: 0,
        nanos: 0,
    };

    /// From nanoseconds, if the seconds fit 64 bits.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Option<Self> {
        let second = i128::from(NANOS_PER_SECOND);
        Some(Self {
            seconds: i64::try_from(nanos.div_euclid(second)).ok()?,
            nanos: u32::try_from(nanos.rem_euclid(second)).ok()?,
        })
    }

    /// From whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    /// The length in nanoseconds.
    #[must_use]
    pub fn total_nanos(self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }

    /// The length in seconds, with a fraction.
    #[must_use]
    pub fn total_seconds(self) -> Number {
        let nanos = self.total_nanos();
        Number::from_parts(nanos < 0, nanos.unsigned_abs(), -9).unwrap_or(Number::ZERO)
    }

    /// Whole days, hours (0-23), minutes (0-59), seconds (0-59) and nanoseconds, without the sign.
    #[must_use]
    pub fn magnitude(self) -> (u64, u64, u64, u64, u64) {
        let nanos = self.total_nanos().unsigned_abs();
        let second = NANOS_PER_SECOND.unsigned_abs();
        let seconds = u64::try_from(nanos / u128::from(second)).unwrap_or(u64::MAX);
        let rest = u64::try_from(nanos % u128::from(second)).unwrap_or(0);
        (
            seconds / 86_400,
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            rest,
        )
    }

    /// Whether the length is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.seconds < 0
    }

    /// The sum, if it fits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Self::from_nanos(self.total_nanos() + other.total_nanos())
    }

    /// The length turned round.
    #[must_use]
    pub fn negate(self) -> Option<Self> {
        Self::from_nanos(-self.total_nanos())
    }

    /// So many times the length.
    #[must_use]
    pub fn multiply(self, factor: Number) -> Option<Self> {
        Self::from_number(self.nanos_number()?.multiply(factor)?)
    }

    /// The length in so many parts.
    #[must_use]
    pub fn divide(self, divisor: Number) -> Option<Self> {
        Self::from_number(self.nanos_number()?.divide(divisor)?)
    }

    /// How many times another length goes into this one.
    #[must_use]
    pub fn ratio(self, other: Self) -> Option<Number> {
        self.nanos_number()?.divide(other.nanos_number()?)
    }

    fn nanos_number(self) -> Option<Number> {
        let nanos = self.total_nanos();
        Number::from_parts(nanos < 0, nanos.unsigned_abs(), 0)
    }

    fn from_number(nanos: Number) -> Option<Self> {
        let (negative, coefficient, exponent) = nanos.round_to(0, Rounding::Down)?.parts();
        let magnitude = i128::try_from(coefficient)
            .ok()?
            .checked_mul(10_i128.checked_pow(u32::try_from(exponent).unwrap_or(0))?)?;
        Self::from_nanos(if negative { -magnitude } else { magnitude })
    }
}

impl YearsMonthsDuration {
    /// From a count of months.
    #[must_use]
    pub const fn from_months(months: i64) -> Self {
        Self { months }
    }

    /// The count of months.
    #[must_use]
    pub const fn total_months(self) -> i64 {
        self.months
    }

    /// The whole years in it, with the sign.
    #[must_use]
    pub const fn years(self) -> i64 {
        self.months / 12
    }

    /// The months beyond the whole years, with the sign.
    #[must_use]
    pub const fn months(self) -> i64 {
        self.months % 12
    }

    /// The sum, if it fits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.months.checked_add(other.months).map(Self::from_months)
    }

    /// The count turned round.
    #[must_use]
    pub fn negate(self) -> Option<Self> {
        self.months.checked_neg().map(Self::from_months)
    }

    /// So many times the count; a part of a month falls away.
    #[must_use]
    pub fn multiply(self, factor: Number) -> Option<Self> {
        Number::from(self.months)
            .multiply(factor)?
            .to_i64()
            .map(Self::from_months)
    }

    /// The count in so many parts; a part of a month falls away.
    #[must_use]
    pub fn divide(self, divisor: Number) -> Option<Self> {
        Number::from(self.months)
            .divide(divisor)?
            .to_i64()
            .map(Self::from_months)
    }

    /// How many times another count goes into this one.
    #[must_use]
    pub fn ratio(self, other: Self) -> Option<Number> {
        Number::from(self.months).divide(Number::from(other.months))
    }
}
