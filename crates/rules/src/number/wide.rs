//! 256 bits of coefficient for the moment between a product and its rounding.

/// An unsigned 256-bit integer, least significant limb first.
#[derive(Clone, Copy)]
pub(super) struct Wide([u64; 4]);

#[expect(
    clippy::cast_possible_truncation,
    reason = "taking a u128 apart into its 64-bit halves is what this file does"
)]
impl Wide {
    pub(super) const fn product(a: u128, b: u128) -> Self {
        let (a0, a1) = (a as u64 as u128, a >> 64);
        let (b0, b1) = (b as u64 as u128, b >> 64);
        let low = a0 * b0;
        let middle = a1 * b0 + (low >> 64);
        let cross = a0 * b1 + (middle as u64 as u128);
        let high = a1 * b1 + (middle >> 64) + (cross >> 64);
        Self([low as u64, cross as u64, high as u64, (high >> 64) as u64])
    }

    pub(super) fn multiply_by_power_of_ten(&mut self, mut power: u32) {
        while power > 0 {
            let step = power.min(19);
            let factor = u128::from(10_u64.pow(step));
            let mut carry = 0_u128;
            for limb in &mut self.0 {
                let value = u128::from(*limb) * factor + carry;
                *limb = value as u64;
                carry = value >> 64;
            }
            power -= step;
        }
    }

    pub(super) const fn add(&mut self, value: u128) {
        let (low, carry) = self.low().overflowing_add(value);
        self.set(low, self.high().wrapping_add(carry as u128));
    }

    pub(super) const fn subtract(&mut self, value: u128) {
        let (low, borrow) = self.low().overflowing_sub(value);
        self.set(low, self.high().wrapping_sub(borrow as u128));
    }

    pub(super) const fn low(&self) -> u128 {
        ((self.0[1] as u128) << 64) | self.0[0] as u128
    }

    const fn high(&self) -> u128 {
        ((self.0[3] as u128) << 64) | self.0[2] as u128
    }

    const fn set(&mut self, low: u128, high: u128) {
        self.0 = [
            low as u64,
            (low >> 64) as u64,
            high as u64,
            (high >> 64) as u64,
        ];
    }

    /// Drops digits from the right until 35 to 38 are left, if there are more.
    /// Returns how many were dropped and whether any of them was not zero.
    pub(super) fn shrink(&mut self) -> (u32, bool) {
        let bits = if self.high() == 0 {
            128 - self.low().leading_zeros()
        } else {
            256 - self.high().leading_zeros()
        };
        if bits <= 122 {
            return (0, false);
        }
        // 2^n has floor(n × log10 2) + 1 digits; the estimate is exact or one too many.
        let estimate = bits * 30_103 / 100_000 + 1;
        let dropped = estimate.saturating_sub(36);
        let (mut left, mut sticky) = (dropped, false);
        while left > 0 {
            let step = left.min(19);
            sticky |= self.divide(10_u64.pow(step)) != 0;
            left -= step;
        }
        (dropped, sticky)
    }

    fn divide(&mut self, divisor: u64) -> u64 {
        let mut rest = 0_u128;
        for limb in self.0.iter_mut().rev() {
            let value = (rest << 64) | u128::from(*limb);
            *limb = (value / u128::from(divisor)) as u64;
            rest = value % u128::from(divisor);
        }
        rest as u64
    }
}
