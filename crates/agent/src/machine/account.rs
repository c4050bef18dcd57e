//! Tokens and money, summed over a turn or a thread.

use models::{Price, Usage};

/// What was used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Account {
    /// Tokens.
    pub(super) usage: Usage,
    /// Thousandths of micro-dollars: sums of these lose nothing.
    cost: u64,
    /// Whether some answer had no known price.
    has_unpriced: bool,
}

impl Account {
    /// Adds an answer.
    pub(super) fn add(&mut self, usage: Usage, price: Option<Price>) {
        self.usage += usage;
        match price {
            Some(price) => self.cost += cost(usage, price),
            None => self.has_unpriced = true,
        }
    }

    /// Micro-dollars, when every price was known.
    pub(super) fn cost(&self) -> Option<u64> {
        (!self.has_unpriced).then_some(self.cost / 1000)
    }
}

fn cost(usage: Usage, price: Price) -> u64 {
    let uncached = usage.input.saturating_sub(usage.cached_input);
    uncached * price.input + usage.cached_input * price.cached_input + usage.output * price.output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_input_has_its_own_price_and_small_sums_add_up() {
        let price = Price {
            input: 1250,
            cached_input: 125,
            output: 10_000,
        };
        let usage = Usage {
            input: 1000,
            cached_input: 900,
            output: 10,
            ..Usage::default()
        };
        let mut account = Account::default();
        for _ in 0..3 {
            account.add(usage, Some(price));
        }
        // One answer: 100 × 1.25 + 900 × 0.125 + 10 × 10 = 337.5 micro-dollars.
        assert_eq!(account.cost(), Some(1012));
        account.add(usage, None);
        assert_eq!(account.cost(), None);
        assert_eq!(account.usage.input, 4000);
    }
}
