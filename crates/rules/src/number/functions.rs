//! Roots, powers and logarithms: computed at 73 digits or more, rounded once.

use super::long::Long;
use super::{Number, Rounding};

impl Number {
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
        let near = Self::make(false, coefficient, exponent.rem_euclid(2));
        let root = Long::from_number(near).sqrt()?.to_number()?;
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
        Long::from_number(self).exp()?.to_number()
    }

    /// The natural logarithm; `None` at and below zero.
    #[must_use]
    pub fn ln(self) -> Option<Self> {
        if self.negative || self.is_zero() {
            return None;
        }
        Long::ln(self)?.to_number()
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
                Long::from_number(self).power(whole)?.to_number()
            }
            _ if self.negative => None,
            _ => {
                let product = Long::ln(self)?.multiply(Long::from_number(exponent));
                product.exp()?.to_number()
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

    proptest::proptest! {
        #[test]
        fn they_agree_with_the_four_operations(digits in 1_u128..10_u128.pow(34), exponent in -60..20_i32) {
            let x = Number::from_parts(false, digits, exponent).unwrap();
            let close = |a: Number, b: Number, last: i32| {
                let (apart, size) = (a.subtract(b).unwrap().abs(), b.abs().magnitude());
                apart.is_zero() || apart.magnitude() <= size - f64::from(last)
            };
            proptest::prop_assert_eq!(x.power(n("2")), x.multiply(x));
            proptest::prop_assert_eq!(x.power(n("-1")), Number::ONE.divide(x));
            let root = x.sqrt().unwrap();
            proptest::prop_assert!(close(root.multiply(root).unwrap(), x, 32), "{x}: {root}");
            let log = x.ln().unwrap();
            // The logarithm's last digit is worth as much as its size in the power.
            proptest::prop_assert!(close(log.exp().unwrap(), x, 30), "{x}: {log}");
            proptest::prop_assert!(close(x.power(n("0.5")).unwrap(), root, 32), "{x}: {root}");
        }

        #[test]
        fn exact_roots_and_halves_are_exact(whole in 1_u64..100_000_000_000_000_000, twos in 1_i64..110) {
            let x = Number::from(whole);
            proptest::prop_assert_eq!(x.multiply(x).unwrap().sqrt(), Some(x));
            let power = Number::from(2_i64).power(Number::from(twos)).unwrap();
            proptest::prop_assert_eq!(n("2").power(Number::from(-twos)), Number::ONE.divide(power));
        }
    }
}
