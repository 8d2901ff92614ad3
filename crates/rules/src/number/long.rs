//! Numbers of at least 73 digits, for the steps between a root, logarithm or power and its rounding to 34.
//!
//! Only what those need: no division but by a small number, no rounding but by cutting off. A library for this brings half a
//! megabyte of tables into the browser's bundle.

use super::{Number, finish};

const LIMBS: usize = 9;
const BASE: u64 = 1_000_000_000;
/// The digits of a limb.
const WIDTH: i32 = 9;

/// sign × limbs × 10^(9 × exponent), the least significant limb first. The last limb is zero only where all are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long {
    negative: bool,
    limbs: [u32; LIMBS],
    exponent: i32,
}

const LN_10: Long = Long {
    negative: false,
    limbs: [
        967_572_609,
        33_327_900,
        628_772_976,
        601_101_488,
        684_364_207,
        17_991_454,
        994_045_684,
        302_585_092,
        2,
    ],
    exponent: -8,
};

const ONE: Long = Long {
    negative: false,
    limbs: [0, 0, 0, 0, 0, 0, 0, 0, 1],
    exponent: -8,
};

#[expect(
    clippy::cast_possible_truncation,
    reason = "a limb is what is left of a division by the base"
)]
impl Long {
    fn new(negative: bool, mut limbs: [u32; LIMBS], mut exponent: i32) -> Self {
        let empty = limbs.iter().rev().take_while(|limb| **limb == 0).count();
        if empty == LIMBS {
            exponent = 0;
        } else if empty > 0 {
            limbs.rotate_right(empty);
            exponent -= empty as i32;
        }
        Self {
            negative: negative && empty < LIMBS,
            limbs,
            exponent,
        }
    }

    pub(super) fn from_number(number: Number) -> Self {
        let (negative, mut coefficient, exponent) = number.parts();
        let mut limbs = [0; LIMBS];
        for limb in &mut limbs {
            *limb = (coefficient % u128::from(BASE)) as u32;
            coefficient /= u128::from(BASE);
        }
        let factor = 10_u32.pow(exponent.rem_euclid(WIDTH).unsigned_abs());
        Self::new(negative, limbs, exponent.div_euclid(WIDTH)).times(factor)
    }

    fn from_f64(value: f64) -> Option<Self> {
        value.to_string().parse().ok().map(Self::from_number)
    }

    /// Rounded to 34 digits; `None` when it is too large.
    ///
    /// The last two limbs are what the steps before may have got wrong: a result that is exact but for them is taken as
    /// exact, so that 16 has the root 4 and half a unit is half a unit.
    pub(super) fn to_number(self) -> Option<Number> {
        let mut unit = [0; LIMBS];
        unit[1] = 1;
        let mut sure = self.plus(Self::new(self.negative, unit, self.exponent));
        sure.limbs[..2].fill(0);
        let (mut coefficient, mut exponent) = (0_u128, sure.exponent + LIMBS as i32);
        let mut limbs = sure.limbs.iter().rev().copied();
        while super::digits(coefficient) < 30 {
            let Some(limb) = limbs.next() else { break };
            coefficient = coefficient * u128::from(BASE) + u128::from(limb);
            exponent -= 1;
        }
        let mut exponent = exponent * WIDTH;
        let mut sticky = false;
        // As many digits of the next one as there is room for.
        let room = 38 - super::digits(coefficient);
        if let Some(limb) = limbs.next().filter(|_| room < 9) {
            let unit = 10_u32.pow(9 - room);
            coefficient = coefficient * super::power_of_ten(room) + u128::from(limb / unit);
            exponent -= room.cast_signed();
            sticky = limb % unit != 0;
        }
        sticky |= limbs.any(|limb| limb != 0);
        finish(self.negative, coefficient, exponent, sticky).map(Number::normalize)
    }

    /// Roughly.
    pub(super) fn to_f64(self) -> f64 {
        let leading = self.limbs.iter().rev().take(3);
        let value = leading.fold(0.0, |sum, limb| sum * 1e9 + f64::from(*limb));
        let size = value * 1e9_f64.powi(self.exponent + LIMBS as i32 - 3);
        if self.negative { -size } else { size }
    }

    const fn negate(self) -> Self {
        Self {
            negative: !self.negative,
            ..self
        }
    }

    const fn is_zero(&self) -> bool {
        self.limbs[LIMBS - 1] == 0
    }

    fn times(self, factor: u32) -> Self {
        let mut carry = 0;
        let limbs = self.limbs.map(|limb| {
            let value = u64::from(limb) * u64::from(factor) + carry;
            carry = value / BASE;
            (value % BASE) as u32
        });
        Self::carried(self.negative, limbs, carry, self.exponent)
    }

    /// Puts a carry on top.
    fn carried(negative: bool, mut limbs: [u32; LIMBS], carry: u64, exponent: i32) -> Self {
        if carry == 0 {
            return Self::new(negative, limbs, exponent);
        }
        limbs.rotate_left(1);
        limbs[LIMBS - 1] = carry as u32;
        Self::new(negative, limbs, exponent + 1)
    }

    fn over(self, divisor: u32) -> Self {
        let mut limbs = self.limbs;
        let mut rest = 0;
        for limb in limbs.iter_mut().rev() {
            let value = rest * BASE + u64::from(*limb);
            *limb = (value / u64::from(divisor)) as u32;
            rest = value % u64::from(divisor);
        }
        Self::new(self.negative, limbs, self.exponent)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (high, low) = if self.exponent >= other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        let distance = (high.exponent - low.exponent).unsigned_abs() as usize;
        if distance >= LIMBS {
            return high;
        }
        let mut shifted = [0; LIMBS];
        shifted[..LIMBS - distance].copy_from_slice(&low.limbs[distance..]);
        let mut limbs = high.limbs;
        if high.negative == low.negative {
            let mut carry = 0;
            for (limb, more) in limbs.iter_mut().zip(shifted) {
                let value = u64::from(*limb) + u64::from(more) + carry;
                *limb = (value % BASE) as u32;
                carry = value / BASE;
            }
            return Self::carried(high.negative, limbs, carry, high.exponent);
        }
        let (mut less, mut negative) = (shifted, high.negative);
        if limbs.iter().rev().lt(less.iter().rev()) {
            std::mem::swap(&mut limbs, &mut less);
            negative = !negative;
        }
        let mut borrow = 0;
        for (limb, less) in limbs.iter_mut().zip(less) {
            let value = BASE + u64::from(*limb) - u64::from(less) - borrow;
            *limb = (value % BASE) as u32;
            borrow = u64::from(value < BASE);
        }
        Self::new(negative, limbs, high.exponent)
    }

    pub(super) fn multiply(self, other: Self) -> Self {
        let mut product = [0_u32; 2 * LIMBS];
        let mut carry = 0;
        for (place, limb) in product.iter_mut().enumerate() {
            // At most nine products below 10^18 and a carry: within 64 bits.
            let first = place.saturating_sub(LIMBS - 1);
            let last = place.min(LIMBS - 1);
            let sum = (first..=last)
                .map(|at| u64::from(self.limbs[at]) * u64::from(other.limbs[place - at]))
                .sum::<u64>()
                + carry;
            *limb = (sum % BASE) as u32;
            carry = sum / BASE;
        }
        let empty = usize::from(product[2 * LIMBS - 1] == 0);
        let mut limbs = [0; LIMBS];
        limbs.copy_from_slice(&product[LIMBS - empty..2 * LIMBS - empty]);
        let exponent = self.exponent + other.exponent + (LIMBS - empty) as i32;
        Self::new(self.negative != other.negative, limbs, exponent)
    }

    /// `1 ÷ self`: Newton's way, from what 64 bits know. `self` between 10^-300 and 10^300.
    fn reciprocal(self) -> Option<Self> {
        let mut guess = Self::from_f64(1.0 / self.to_f64())?;
        for _ in 0..3 {
            let rest = ONE.plus(self.multiply(guess).negate());
            guess = guess.plus(guess.multiply(rest));
        }
        Some(guess)
    }

    /// The square root of a positive number between 10^-300 and 10^300, through that of its reciprocal.
    pub(super) fn sqrt(self) -> Option<Self> {
        let mut guess = Self::from_f64(1.0 / self.to_f64().sqrt())?;
        for _ in 0..3 {
            let rest = ONE.plus(self.multiply(guess).multiply(guess).negate());
            guess = guess.plus(guess.multiply(rest).over(2));
        }
        Some(self.multiply(guess))
    }

    /// A whole power.
    pub(super) fn power(self, exponent: i64) -> Option<Self> {
        // Apart from the power of ten, so that the reciprocal is of a number near one.
        let scale = self.exponent + LIMBS as i32 - 1;
        let small = Self {
            exponent: self.exponent - scale,
            ..self
        };
        let mut square = if exponent < 0 {
            small.reciprocal()?
        } else {
            small
        };
        let mut left = exponent.unsigned_abs();
        let mut result = ONE;
        while left > 0 {
            if left & 1 == 1 {
                result = result.multiply(square);
            }
            left >>= 1;
            if left > 0 {
                square = square.multiply(square);
            }
        }
        let shift = i64::from(scale).checked_mul(exponent)?;
        result.exponent = result.exponent.checked_add(i32::try_from(shift).ok()?)?;
        Some(result)
    }

    /// e^self for what has a result below 10^6145: a remainder below ln 10 by the series, and a power of ten.
    pub(super) fn exp(self) -> Option<Self> {
        let tens = (self.to_f64() / std::f64::consts::LN_10).round() as i32;
        let mut away = LN_10.times(tens.unsigned_abs());
        away.negative = tens > 0;
        // A thousandth of it, so that the series is short; squared ten times in the end.
        let rest = self.plus(away).over(1 << 10);
        let (mut sum, mut term) = (ONE, ONE);
        for place in 1..40 {
            term = term.multiply(rest).over(place);
            if term.is_zero() || term.exponent < sum.exponent - LIMBS as i32 {
                break;
            }
            sum = sum.plus(term);
        }
        for _ in 0..10 {
            sum = sum.multiply(sum);
        }
        let tenfold = 10_u32.pow(tens.rem_euclid(WIDTH).unsigned_abs());
        let mut result = sum.times(tenfold);
        result.exponent += tens.div_euclid(WIDTH);
        Some(result)
    }

    /// The logarithm of a positive number: Newton's way on [`Long::exp`], of its first digits and the power of ten.
    pub(super) fn ln(number: Number) -> Option<Self> {
        let (_, coefficient, exponent) = number.parts();
        let digits = super::digits(coefficient).cast_signed();
        let mantissa = Self::from_number(Number::make(false, coefficient, -digits));
        let mut guess = Self::from_f64(mantissa.to_f64().ln())?;
        for _ in 0..3 {
            let one = mantissa.multiply(guess.negate().exp()?);
            guess = guess.plus(one.plus(ONE.negate()));
        }
        let mut tens = LN_10.times((exponent + digits).unsigned_abs());
        tens.negative = exponent + digits < 0;
        Some(guess.plus(tens))
    }
}
