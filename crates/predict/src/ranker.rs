//! The ranker: gradient boosted trees that tell from a candidate's features how likely it comes
//! next. The trained one is compiled in; the evaluation loads others to judge a ranker on code that
//! it has not seen.

use crate::query::features::{FEATURES, feature_signature};

const SHIPPED: &[u8] = include_bytes!("ranker/shipped.ranker");
const MAGIC: &str = "ropewalk ranker 1";
/// After one in so many of the trees, rows that are so far behind in log odds are out.
const FIRST_SHARE: usize = 4;
const MARGIN: f32 = 2.0;
/// A child number from here on is a leaf.
const LEAF: u8 = 128;

/// Decision trees over the features, evaluated as flat arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranker {
    header: String,
    trees: Vec<Tree>,
    splits: Vec<Split>,
    leaves: Vec<f32>,
}

/// Where a tree's splits and leaves begin.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tree {
    splits: u32,
    leaves: u32,
    split_count: u8,
}

/// Goes left where the feature is at most the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Split {
    threshold: f32,
    feature: u8,
    /// Left and right.
    children: [u8; 2],
}

/// Why a ranker file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankerError {
    /// Not written by the training tool, or by one of another version.
    #[error("this is not a ranker of this version: the file must begin with `{MAGIC}`")]
    NotARanker,
    /// Trained with other features than the engine computes.
    #[error(
        "the ranker was trained for the features `{trained}`, the engine computes `{computed}`: train it again"
    )]
    OtherFeatures {
        /// What the file says.
        trained: String,
        /// What this engine says.
        computed: String,
    },
    /// Cut off or changed.
    #[error("the ranker file is damaged")]
    Damaged,
}

impl Ranker {
    /// The ranker that is compiled in.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the tests parse the shipped ranker")
    }

    /// Reads a ranker: text lines up to an empty one (`ropewalk ranker 1`, `features: SIGNATURE`,
    /// and how it was trained), then the number of trees as a `u16`, and for each tree the number
    /// of its splits as a `u8`, the splits (threshold as `f32`, feature, left child, right child as
    /// `u8`; children from 128 on are leaves) and one leaf more than splits as `f32`. All numbers
    /// are little endian.
    pub fn parse(bytes: &[u8]) -> Result<Self, RankerError> {
        let header_end = bytes
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .ok_or(RankerError::NotARanker)?;
        let header =
            std::str::from_utf8(&bytes[..header_end]).map_err(|_| RankerError::NotARanker)?;
        if header.lines().next() != Some(MAGIC) {
            return Err(RankerError::NotARanker);
        }
        let trained = header
            .lines()
            .find_map(|line| line.strip_prefix("features: "))
            .unwrap_or_default();
        let computed = feature_signature();
        if trained != computed {
            return Err(RankerError::OtherFeatures {
                trained: trained.to_owned(),
                computed,
            });
        }
        let mut ranker = Self {
            header: header.to_owned(),
            trees: Vec::new(),
            splits: Vec::new(),
            leaves: Vec::new(),
        };
        ranker
            .read_trees(&bytes[header_end + 2..])
            .ok_or(RankerError::Damaged)?;
        Ok(ranker)
    }

    /// How the ranker was trained, on what and when.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The number of the row that scores best, the first among equals, and its score: the log odds
    /// that this candidate comes next. Rows that are far behind after the first trees, which say
    /// most, are not looked at again.
    pub(crate) fn best<'a>(
        &self,
        rows: impl ExactSizeIterator<Item = &'a [f32; FEATURES]> + Clone,
    ) -> Option<(usize, f32)> {
        let (first_trees, other_trees) = self.trees.split_at(self.trees.len() / FIRST_SHARE);
        let first_scores: Vec<f32> = rows.clone().map(|row| self.sum(first_trees, row)).collect();
        let bar = first_scores
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max)
            - MARGIN;
        let contenders = first_scores
            .iter()
            .zip(rows)
            .enumerate()
            .filter(|(_, (score, _))| **score >= bar);
        let scored =
            contenders.map(|(number, (score, row))| (number, score + self.sum(other_trees, row)));
        scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    fn sum(&self, trees: &[Tree], features: &[f32; FEATURES]) -> f32 {
        trees.iter().map(|tree| self.leaf(tree, features)).sum()
    }

    #[inline]
    fn leaf(&self, tree: &Tree, features: &[f32; FEATURES]) -> f32 {
        let leaves = &self.leaves[tree.leaves as usize..];
        if tree.split_count == 0 {
            return leaves[0];
        }
        let splits = &self.splits[tree.splits as usize..][..tree.split_count as usize];
        let mut next = 0;
        while next < LEAF {
            let split = &splits[next as usize];
            // An index instead of a branch: which way it goes cannot be foreseen.
            let is_right = features[split.feature as usize] > split.threshold;
            next = split.children[usize::from(is_right)];
        }
        leaves[(next - LEAF) as usize]
    }

    fn read_trees(&mut self, mut bytes: &[u8]) -> Option<()> {
        let count = u16::from_le_bytes(take(&mut bytes)?);
        for _ in 0..count {
            let [split_count] = take(&mut bytes)?;
            let tree = Tree {
                splits: self.splits.len() as u32,
                leaves: self.leaves.len() as u32,
                split_count,
            };
            for number in 0..split_count {
                let split = read_split(&mut bytes)?;
                // Children come after their parents, so every walk ends.
                let in_bounds = |child: u8| match child.checked_sub(LEAF) {
                    Some(leaf) => leaf <= split_count,
                    None => child > number && child < split_count,
                };
                if usize::from(split.feature) >= FEATURES
                    || !split.children.into_iter().all(in_bounds)
                {
                    return None;
                }
                self.splits.push(split);
            }
            for _ in 0..=split_count {
                self.leaves.push(f32::from_le_bytes(take(&mut bytes)?));
            }
            self.trees.push(tree);
        }
        bytes.is_empty().then_some(())
    }
}

fn read_split(bytes: &mut &[u8]) -> Option<Split> {
    let threshold = f32::from_le_bytes(take(bytes)?);
    let [feature, left, right] = take(bytes)?;
    Some(Split {
        threshold,
        feature,
        children: [left, right],
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests;
