//! Roots, powers and logarithms: computed at 76 digits, rounded once.

use fastnum::D256;
use fastnum::decimal::Context;

use super::{Number, Rounding};

impl Number {
    fn widen(self) -> Option<D256> {
        D256::from_str(&self.to_string(), Context::default().without_traps()).ok()
    }

    fn narrow(wide: D256) -> Option<Self> {
        if wide.is_nan() || wide.is_infinite() {
            None
        } else {
            wide.to_string().parse().ok()
        }
    }

    /// The square root; `None` below zero.
    #[must_use]
    pub fn sqrt(self) -> Option<Self> {
        if self.negative {
            return None;
        }
        if self.is_zero() {
            return Some(self);
        }
        // An even exponent taken out first keeps the wide number near one.
        let (_, coefficient, exponent) = self.parts();
        let half = exponent.div_euclid(2);
        let root = Self::narrow(
            Self::make(false, coefficient, exponent.rem_euclid(2))
                .widen()?
                .sqrt(),
        )?;
        let (_, coefficient, exponent) = root.parts();
        Self::from_parts(false, coefficient, exponent + half)
    }

    /// e to the power of this number.
    #[must_use]
    pub fn exp(self) -> Option<Self> {
        if self.is_zero() {
            return Some(Self::ONE);
        }
        // Beyond these the result has no representation; the series would only take long to say so.
        let rough = self.to_f64();
        if rough > 14_200.0 {
            return None;
        }
        if rough < -14_250.0 {
            return Some(Self::ZERO);
        }
        Self::narrow(exp_wide(self.widen()?)?)
    }

    /// The natural logarithm; `None` at and below zero.
    #[must_use]
    pub fn ln(self) -> Option<Self> {
        if self.negative || self.is_zero() {
            return None;
        }
        Self::narrow(ln_wide(self)?)
    }

    /// This number to the power of another one. Whole exponents are exact up to the rounding; others go through logarithms.
    #[must_use]
    pub fn power(self, exponent: Self) -> Option<Self> {
        if exponent.is_zero() {
            return Some(Self::ONE);
        }
        if self.is_zero() {
            return (!exponent.negative).then_some(Self::ZERO);
        }
        if self == Self::ONE {
            return Some(self);
        }
        let rough = self.abs().magnitude() * exponent.to_f64();
        if rough > 6_150.0 {
            return None;
        }
        if rough < -6_220.0 {
            return Some(Self::ZERO);
        }
        match exponent.to_integer() {
            Some(whole) if whole.unsigned_abs() <= 1_000_000_000 => {
                let base = if whole < 0 {
                    D256::ONE.with_ctx(context()) / self.widen()?
                } else {
                    self.widen()?
                };
                let mut result = D256::ONE.with_ctx(context());
                let (mut square, mut left) = (base, whole.unsigned_abs());
                while left > 0 {
                    if left & 1 == 1 {
                        result *= square;
                    }
                    left >>= 1;
                    if left > 0 {
                        square *= square;
                    }
                }
                Self::narrow(result)
            }
            _ if self.negative => None,
            _ => {
                let product = ln_wide(self)? * exponent.widen()?;
                Self::narrow(exp_wide(product)?)
            }
        }
    }

    /// The decimal logarithm, roughly.
    fn magnitude(self) -> f64 {
        let (_, coefficient, exponent) = self.parts();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a rough size is what is asked for"
        )]
        let mantissa = coefficient as f64;
        mantissa.log10() + f64::from(exponent)
    }

    /// The part before the decimal point.
    #[must_use]
    pub fn truncate(self) -> Self {
        self.round_to(0, Rounding::Down).unwrap_or(self)
    }
}

fn context() -> Context {
    Context::default().without_traps()
}

/// ln 10 to 76 digits.
const LN_10: &str = "2.302585092994045684017991454684364207601101488628772976033327900967572609677";

fn ln_10() -> Option<D256> {
    D256::from_str(LN_10, context()).ok()
}

/// The logarithm of a positive number, through one between 0.1 and 1 and the power of ten.
fn ln_wide(number: Number) -> Option<D256> {
    let (_, coefficient, exponent) = number.parts();
    let digits = super::digits(coefficient).cast_signed();
    let mantissa = Number::make(false, coefficient, -digits).widen()?;
    let power = D256::from(exponent + digits).with_ctx(context());
    Some(mantissa.ln() + power * ln_10()?)
}

/// e^x through a remainder below ln 10 and a power of ten, so that the series is short whatever x is.
fn exp_wide(x: D256) -> Option<D256> {
    let tens = Number::narrow(x / ln_10()?)?.truncate();
    let rest = x - tens.widen()? * ln_10()?;
    let shift = i32::try_from(tens.to_i64()?).ok()?;
    let small = rest.exp();
    let text = small.to_string();
    let number: Number = text.parse().ok()?;
    let (negative, coefficient, exponent) = number.parts();
    Number::from_parts(negative, coefficient, exponent + shift)?.widen()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn functions_are_right_to_the_last_digits() {
        assert_eq!(
            n("2").sqrt().unwrap(),
            n("1.414213562373095048801688724209698")
        );
        assert_eq!(n("1E-6000").sqrt().unwrap(), n("1E-3000"));
        assert_eq!(n("16").sqrt().unwrap(), n("4"));
        assert_eq!(
            n("1").exp().unwrap(),
            n("2.718281828459045235360287471352662")
        );
        assert_eq!(
            n("-10").exp().unwrap(),
            n("0.00004539992976248485153559151556055061")
        );
        assert_eq!(
            n("10").ln().unwrap(),
            n("2.302585092994045684017991454684364")
        );
        assert_eq!(
            n("2").ln().unwrap(),
            n("0.6931471805599453094172321214581766")
        );
        assert_eq!(
            n("2").power(n("100")).unwrap(),
            n("1267650600228229401496703205376")
        );
        assert_eq!(n("2").power(n("-2")).unwrap(), n("0.25"));
        assert_eq!(
            n("2").power(n("0.5")).unwrap(),
            n("1.414213562373095048801688724209698")
        );
        assert_eq!(n("-2").power(n("0.5")), None);
        assert_eq!(n("10").power(n("7000")), None);
        assert_eq!(n("10").power(n("-7000")).unwrap(), Number::ZERO);
        assert_eq!(
            n("1.0000001").power(n("1000000")).unwrap(),
            n("1.105170912549793416638382709346716")
        );
        assert_eq!(n("100000").exp(), None);
    }
}
