//! FEEL's one kind of number: a decimal of 34 significant digits (IEEE 754-2008 decimal128), half-even.
//!
//! Written here rather than taken from a library because the clauses are exact: 34 digits (not "128 bits"), a scale from
//! -6111 to 6176, half-even everywhere, no infinities and no NaN (what would be one is `None`, which FEEL calls null).
//! Roots, logarithms and powers go through [`long::Long`] at 73 digits or more and are rounded once.

mod functions;
mod long;
mod text;
mod wide;

use std::cmp::Ordering;

use wide::Wide;

/// The number of significant digits kept.
pub const DIGITS: u32 = 34;
/// One more than the largest coefficient.
const LIMIT: u128 = 10_u128.pow(DIGITS);
/// The largest exponent of an integer coefficient.
const MAX_EXPONENT: i32 = 6111;
/// The smallest exponent of an integer coefficient.
const MIN_EXPONENT: i32 = -6176;

/// A decimal number: sign × coefficient × 10^exponent.
///
/// Invariants: the coefficient is below 10^34, the exponent within -6176..=6111, zero is positive with exponent 0.
#[derive(Clone, Copy)]
pub struct Number {
    high: u64,
    low: u64,
    exponent: i16,
    negative: bool,
}

/// How [`Number::round_to`] treats the digits it drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties to the even digit (`decimal`).
    HalfEven,
    /// To the nearest, ties away from zero (`round half up`).
    HalfUp,
    /// To the nearest, ties towards zero (`round half down`).
    HalfDown,
    /// Away from zero (`round up`).
    Up,
    /// Towards zero (`round down`).
    Down,
    /// Towards minus infinity (`floor`).
    Floor,
    /// Towards plus infinity (`ceiling`).
    Ceiling,
}

impl Number {
    /// 0
    pub const ZERO: Self = Self {
        high: 0,
        low: 0,
        exponent: 0,
        negative: false,
    };
    /// 1
    pub const ONE: Self = Self {
        high: 0,
        low: 1,
        exponent: 0,
        negative: false,
    };

    const fn coefficient(self) -> u128 {
        ((self.high as u128) << 64) | self.low as u128
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves of a u128, and an exponent already checked"
    )]
    const fn make(negative: bool, coefficient: u128, exponent: i32) -> Self {
        if coefficient == 0 {
            return Self::ZERO;
        }
        Self {
            high: (coefficient >> 64) as u64,
            low: coefficient as u64,
            exponent: exponent as i16,
            negative,
        }
    }

    /// A number from its parts, rounded to 34 digits. `None` when it is too large.
    #[must_use]
    pub fn from_parts(negative: bool, coefficient: u128, exponent: i32) -> Option<Self> {
        finish(negative, coefficient, exponent, false)
    }

    /// The sign, the coefficient and the exponent.
    #[must_use]
    pub const fn parts(self) -> (bool, u128, i32) {
        (self.negative, self.coefficient(), self.exponent as i32)
    }

    /// Whether this is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// Whether this is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.negative
    }

    /// Whether there is nothing behind the decimal point.
    #[must_use]
    pub fn is_integer(self) -> bool {
        if self.exponent >= 0 {
            return true;
        }
        let drop = self.exponent.unsigned_abs();
        u32::from(drop) <= 38
            && self
                .coefficient()
                .is_multiple_of(power_of_ten(u32::from(drop)))
    }

    /// The nearest whole number towards zero, if it fits.
    #[must_use]
    pub fn to_i64(self) -> Option<i64> {
        let exponent = i32::from(self.exponent);
        let magnitude = if exponent >= 0 {
            if exponent > 19 {
                return (self.is_zero()).then_some(0);
            }
            self.coefficient()
                .checked_mul(power_of_ten(exponent.unsigned_abs()))?
        } else if exponent < -38 {
            0
        } else {
            self.coefficient() / power_of_ten(exponent.unsigned_abs())
        };
        let magnitude = i128::try_from(magnitude).ok()?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    /// The whole number that this is; `None` when there is something behind the point or it does not fit.
    #[must_use]
    pub fn to_integer(self) -> Option<i64> {
        if self.is_integer() {
            self.to_i64()
        } else {
            None
        }
    }

    /// The nearest binary floating point number: for drawing, never for deciding.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The value without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self {
            negative: false,
            ..self
        }
    }

    /// `-self`
    #[must_use]
    pub const fn negate(self) -> Self {
        if self.is_zero() {
            self
        } else {
            Self {
                negative: !self.negative,
                ..self
            }
        }
    }

    /// `self + other`; `None` on overflow.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.is_zero() {
            return Some(other);
        }
        if other.is_zero() {
            return Some(self);
        }
        if self.exponent == other.exponent {
            return add_aligned(
                self.negative,
                self.coefficient(),
                other.negative,
                other.coefficient(),
                self.exponent.into(),
            );
        }
        let (large, small) = if self.exponent > other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        let distance = i32::from(large.exponent) - i32::from(small.exponent);
        let digits = digits(large.coefficient());
        if distance.unsigned_abs() + digits <= 38 {
            let scaled = large.coefficient() * power_of_ten(distance.unsigned_abs());
            return add_aligned(
                large.negative,
                scaled,
                small.negative,
                small.coefficient(),
                small.exponent.into(),
            );
        }
        // From here on the scaled coefficient has at least 39 digits: it always exceeds the smaller one's 34.
        if distance > 40 {
            let pad = 37 - digits;
            let scaled = large.coefficient() * power_of_ten(pad);
            let exponent = i32::from(large.exponent) - pad.cast_signed();
            let shift = u128::from(large.negative != small.negative);
            return finish(large.negative, scaled - shift, exponent, true);
        }
        let mut wide = Wide::product(large.coefficient(), 1);
        wide.multiply_by_power_of_ten(distance.unsigned_abs());
        if large.negative == small.negative {
            wide.add(small.coefficient());
        } else {
            wide.subtract(small.coefficient());
        }
        finish_wide(large.negative, wide, small.exponent.into())
    }

    /// `self - other`; `None` on overflow.
    #[must_use]
    pub fn subtract(self, other: Self) -> Option<Self> {
        self.plus(other.negate())
    }

    /// `self × other`; `None` on overflow.
    #[must_use]
    pub fn multiply(self, other: Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        let exponent = i32::from(self.exponent) + i32::from(other.exponent);
        if self.high == 0 && other.high == 0 {
            return finish(
                negative,
                u128::from(self.low) * u128::from(other.low),
                exponent,
                false,
            );
        }
        finish_wide(
            negative,
            Wide::product(self.coefficient(), other.coefficient()),
            exponent,
        )
    }

    /// `self ÷ other`; `None` on overflow and for a zero divisor.
    #[must_use]
    pub fn divide(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        if self.is_zero() {
            return Some(self);
        }
        let divisor = other.coefficient();
        let ideal = i32::from(self.exponent) - i32::from(other.exponent);
        let (mut quotient, mut rest) = (self.coefficient() / divisor, self.coefficient() % divisor);
        let mut exponent = ideal;
        // As many digits a turn as the rest can be scaled by without leaving 128 bits.
        let room = (divisor.leading_zeros() * 3 / 10).clamp(1, 27);
        while rest != 0 {
            let have = digits(quotient);
            if have > DIGITS {
                break;
            }
            let step = room.min(37 - have);
            let scale = power_of_ten(step);
            rest *= scale;
            quotient = quotient * scale + rest / divisor;
            rest %= divisor;
            exponent -= step.cast_signed();
        }
        if rest == 0 {
            while exponent < ideal && quotient.is_multiple_of(10) {
                quotient /= 10;
                exponent += 1;
            }
        }
        finish(
            self.negative != other.negative,
            quotient,
            exponent,
            rest != 0,
        )
    }

    /// `self - other × floor(self ÷ other)`: the result has the sign of the divisor. `None` for a zero divisor.
    #[must_use]
    pub fn modulo(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let exponent = self.exponent.min(other.exponent);
        let align = |number: Self| {
            let distance =
                u32::from((i32::from(number.exponent) - i32::from(exponent)).unsigned_abs() as u16);
            (distance + digits(number.coefficient()) <= 38)
                .then(|| number.coefficient() * power_of_ten(distance))
        };
        if let (Some(a), Some(b)) = (align(self), align(other)) {
            let rest = a % b;
            let rest = if rest != 0 && self.negative != other.negative {
                b - rest
            } else {
                rest
            };
            return finish(other.negative, rest, exponent.into(), false);
        }
        let quotient = self.divide(other)?.round_to(0, Rounding::Floor)?;
        self.subtract(other.multiply(quotient)?)
    }

    /// The number with at most `scale` digits behind the point (a negative scale rounds before it).
    /// `None` when the scale is outside -6111..=6176 or the result overflows.
    #[must_use]
    pub fn round_to(self, scale: i64, rounding: Rounding) -> Option<Self> {
        let scale = i32::try_from(scale)
            .ok()
            .filter(|scale| (-MAX_EXPONENT..=-MIN_EXPONENT).contains(scale))?;
        let exponent = i32::from(self.exponent);
        if exponent >= -scale {
            return Some(self);
        }
        let drop = (-scale - exponent).unsigned_abs();
        let coefficient = self.coefficient();
        let (quotient, against_half, exact) = if drop > 38 {
            (0, Ordering::Less, self.is_zero())
        } else {
            let unit = power_of_ten(drop);
            let rest = coefficient % unit;
            (coefficient / unit, rest.cmp(&(unit / 2)), rest == 0)
        };
        let up = !exact
            && match rounding {
                Rounding::HalfEven => match against_half {
                    Ordering::Greater => true,
                    Ordering::Equal => quotient % 2 == 1,
                    Ordering::Less => false,
                },
                Rounding::HalfUp => against_half != Ordering::Less,
                Rounding::HalfDown => against_half == Ordering::Greater,
                Rounding::Up => true,
                Rounding::Down => false,
                Rounding::Floor => self.negative,
                Rounding::Ceiling => !self.negative,
            };
        finish(self.negative, quotient + u128::from(up), -scale, false)
    }

    /// The same value with no zeros at the end of the coefficient.
    #[must_use]
    pub fn normalize(self) -> Self {
        let (mut coefficient, mut exponent) = (self.coefficient(), i32::from(self.exponent));
        if coefficient == 0 {
            return Self::ZERO;
        }
        while exponent < MAX_EXPONENT && coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        Self::make(self.negative, coefficient, exponent)
    }
}

/// 10^`power` for powers up to 38.
const fn power_of_ten(power: u32) -> u128 {
    const TABLE: [u128; 39] = {
        let mut table = [1_u128; 39];
        let mut index = 1;
        while index < 39 {
            table[index] = table[index - 1] * 10;
            index += 1;
        }
        table
    };
    TABLE[power as usize]
}

/// How many decimal digits a coefficient has; 0 for zero.
const fn digits(coefficient: u128) -> u32 {
    match coefficient.checked_ilog10() {
        Some(log) => log + 1,
        None => 0,
    }
}

fn add_aligned(
    a_negative: bool,
    a: u128,
    b_negative: bool,
    b: u128,
    exponent: i32,
) -> Option<Number> {
    if a_negative == b_negative {
        finish(a_negative, a + b, exponent, false)
    } else if a >= b {
        finish(a_negative, a - b, exponent, false)
    } else {
        finish(b_negative, b - a, exponent, false)
    }
}

/// Rounds a coefficient of any size to a number. `sticky` says that something other than zero follows its last digit;
/// the coefficient then has at least 35 digits.
fn finish(
    negative: bool,
    mut coefficient: u128,
    mut exponent: i32,
    sticky: bool,
) -> Option<Number> {
    if coefficient >= LIMIT {
        let drop = digits(coefficient) - DIGITS;
        coefficient = round_half_even(coefficient, drop, sticky);
        exponent += drop.cast_signed();
        if coefficient == LIMIT {
            coefficient /= 10;
            exponent += 1;
        }
    }
    if coefficient == 0 {
        return Some(Number::ZERO);
    }
    if exponent > MAX_EXPONENT {
        let shift = (exponent - MAX_EXPONENT).unsigned_abs();
        if shift + digits(coefficient) > DIGITS {
            return None;
        }
        coefficient *= power_of_ten(shift);
        exponent = MAX_EXPONENT;
    } else if exponent < MIN_EXPONENT {
        let drop = (MIN_EXPONENT - exponent).unsigned_abs();
        if drop > DIGITS {
            return Some(Number::ZERO);
        }
        coefficient = round_half_even(coefficient, drop, sticky);
        exponent = MIN_EXPONENT;
    }
    Some(Number::make(negative, coefficient, exponent))
}

fn finish_wide(negative: bool, mut wide: Wide, exponent: i32) -> Option<Number> {
    let (dropped, sticky) = wide.shrink();
    finish(
        negative,
        wide.low(),
        exponent + dropped.cast_signed(),
        sticky,
    )
}

fn round_half_even(coefficient: u128, drop: u32, sticky: bool) -> u128 {
    let unit = power_of_ten(drop);
    let (quotient, rest) = (coefficient / unit, coefficient % unit);
    let up = match rest.cmp(&(unit / 2)) {
        Ordering::Greater => true,
        Ordering::Equal => drop > 0 && (sticky || quotient % 2 == 1),
        Ordering::Less => false,
    };
    quotient + u128::from(up)
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.exponent == other.exponent && self.negative == other.negative {
            let order = self.coefficient().cmp(&other.coefficient());
            return if self.negative {
                order.reverse()
            } else {
                order
            };
        }
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => {
                return if other.negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
            }
            (false, true) => {
                return if self.negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
            }
            (false, false) => {}
        }
        if self.negative != other.negative {
            return if self.negative {
                Ordering::Less
            } else {
                Ordering::Greater
            };
        }
        let (a, b) = (self.coefficient(), other.coefficient());
        let leading = |coefficient: u128, exponent: i16| {
            digits(coefficient).cast_signed() + i32::from(exponent)
        };
        let order = leading(a, self.exponent)
            .cmp(&leading(b, other.exponent))
            .then_with(|| {
                // The same leading position and 34 digits at most: the distance between the exponents is below 34.
                if self.exponent > other.exponent {
                    (a * power_of_ten(u32::from(self.exponent.abs_diff(other.exponent)))).cmp(&b)
                } else {
                    a.cmp(&(b * power_of_ten(u32::from(self.exponent.abs_diff(other.exponent)))))
                }
            });
        if self.negative {
            order.reverse()
        } else {
            order
        }
    }
}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.normalize().parts().hash(state);
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::make(value < 0, u128::from(value.unsigned_abs()), 0)
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        i64::from(value).into()
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::make(false, value.into(), 0)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::make(false, value as u128, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn arithmetic_keeps_34_digits_and_rounds_half_to_even() {
        assert_eq!(n("0.1").plus(n("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(
            n("1").divide(n("3")).unwrap().to_string(),
            "0.3333333333333333333333333333333333"
        );
        assert_eq!(
            n("2").divide(n("3")).unwrap().to_string(),
            "0.6666666666666666666666666666666667"
        );
        assert_eq!(n("10").divide(n("4")).unwrap().to_string(), "2.5");
        let nines = n("9999999999999999999999999999999999");
        assert_eq!(nines.plus(Number::ONE).unwrap(), n("1E34"));
        assert_eq!(
            nines.multiply(nines).unwrap().to_string(),
            n("9.999999999999999999999999999999998E67").to_string()
        );
        assert_eq!(n("1E34").subtract(n("1E-10")).unwrap(), n("1E34"));
        assert_eq!(n("1E40").plus(n("-1E40")).unwrap(), Number::ZERO);
        assert_eq!(n("1E6144").multiply(n("10")), None);
        assert_eq!(
            n("12345678901234567890")
                .divide(n("98765432109876543210.5"))
                .unwrap()
                .to_string(),
            "0.1249999988609375000136054687556597"
        );
    }

    #[test]
    fn modulo_takes_the_sign_of_the_divisor() {
        for (a, b, expected) in [
            ("12", "5", "2"),
            ("-12", "5", "3"),
            ("12", "-5", "-3"),
            ("-12", "-5", "-2"),
            ("10.1", "4.5", "1.1"),
            ("-10.1", "4.5", "3.4"),
        ] {
            assert_eq!(n(a).modulo(n(b)).unwrap(), n(expected), "{a} mod {b}");
        }
    }

    #[test]
    fn rounding_knows_its_seven_ways() {
        use Rounding::*;
        let cases = [
            ("2.5", HalfEven, "2"),
            ("2.5", HalfUp, "3"),
            ("2.5", HalfDown, "2"),
            ("-2.5", HalfUp, "-3"),
            ("2.1", Up, "3"),
            ("-2.1", Up, "-3"),
            ("-2.9", Down, "-2"),
            ("-2.1", Floor, "-3"),
            ("-2.9", Ceiling, "-2"),
        ];
        for (value, rounding, expected) in cases {
            assert_eq!(
                n(value).round_to(0, rounding).unwrap(),
                n(expected),
                "{value} {rounding:?}"
            );
        }
        assert_eq!(n("1234").round_to(-2, HalfEven).unwrap(), n("1200"));
        assert_eq!(n("5.5").round_to(6176, Up).unwrap(), n("5.5"));
        assert_eq!(n("5.5").round_to(6177, Up), None);
    }

    #[test]
    fn order_does_not_look_at_the_scale() {
        assert_eq!(n("1.10"), n("1.1"));
        assert!(n("-2") < n("1E-100"));
        assert!(n("9.99") < n("1E1"));
        assert!(n("-0.5") > n("-0.51"));
    }
}
