//! The Merkle tree of RFC 9162, section 2.1, over hashes of leaves: roots, proofs, and how a proof is checked.
//!
//! **Architecture Invariant:** pure. Adding a leaf needs the peaks only, which are as many hashes as the size has bits set; a
//! proof asks for the subtrees it names and nothing else.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// A SHA-256.
pub type Hash = [u8; 32];

fn array(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(bytes);
    hash
}

/// The hash of a leaf.
pub fn leaf(data: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(data);
    array(context.finish().as_ref())
}

/// The hash of two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[1]);
    context.update(left);
    context.update(right);
    array(context.finish().as_ref())
}

/// The perfect trees of which a tree of any size consists, the largest first: all that is needed to add leaves and to know
/// the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    hashes: Vec<Hash>,
}

impl Peaks {
    /// Those of a tree of this size; `None` when there are not as many as the size has bits set.
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (hashes.len() == size.count_ones() as usize).then_some(Self { size, hashes })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes, the largest tree's first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds a leaf, and tells of each perfect tree that is complete with it: its level, its number among those of its
    /// level, its hash.
    pub fn push(&mut self, leaf: Hash, complete: &mut dyn FnMut(u32, u64, &Hash)) {
        let mut hash = leaf;
        let mut level = 0;
        while self.size >> level & 1 == 1
            && let Some(left) = self.hashes.pop()
        {
            hash = node(&left, &hash);
            level += 1;
            complete(level, self.size >> level, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root: SHA-256 of nothing when there is no leaf.
    pub fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev();
        let Some(last) = hashes.next() else { return array(digest(&SHA256, &[]).as_ref()) };
        hashes.fold(*last, |right, left| node(left, &right))
    }
}

/// A perfect subtree: leaves `number * 2^level` and so many behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subtree {
    /// Its height.
    pub level: u32,
    /// Its number among those of its height.
    pub number: u64,
}

/// Gives the hashes of perfect subtrees.
pub type Fetch<'a, E> = &'a mut dyn FnMut(Subtree) -> Result<Hash, E>;

/// The root of the leaves `from..to`, of which `from` begins a perfect subtree at least that large.
fn range<E>(from: u64, to: u64, fetch: Fetch<'_, E>) -> Result<Hash, E> {
    let count = to - from;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return fetch(Subtree { level, number: from >> level });
    }
    let split = from + half(count);
    let left = range(from, split, fetch)?;
    Ok(node(&left, &range(split, to, fetch)?))
}

/// The largest power of two below this.
fn half(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// What proves that the leaf of this index is in the tree of this size (section 2.1.3.1); index below size.
pub fn inclusion<E>(index: u64, size: u64, fetch: Fetch<'_, E>) -> Result<Vec<Hash>, E> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let split = from + half(to - from);
        if index < split {
            path.push(range(split, to, fetch)?);
            to = split;
        } else {
            path.push(range(from, split, fetch)?);
            from = split;
        }
    }
    path.reverse();
    Ok(path)
}

/// What proves that the tree of the first size is the beginning of the second's (section 2.1.4.1); `0 < first <= second`.
pub fn consistency<E>(first: u64, second: u64, fetch: Fetch<'_, E>) -> Result<Vec<Hash>, E> {
    let (mut from, mut to, mut whole) = (0, second, true);
    let mut path = Vec::new();
    while first < to {
        let split = from + half(to - from);
        if first <= split {
            path.push(range(split, to, fetch)?);
            to = split;
        } else {
            path.push(range(from, split, fetch)?);
            from = split;
            whole = false;
        }
    }
    if !whole {
        path.push(range(from, to, fetch)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether a path proves that this leaf is in the tree of this root (section 2.1.3.2).
pub fn includes(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut first, mut second, mut hash) = (index, size - 1, *leaf);
    for step in path {
        if second == 0 {
            return false;
        }
        if first & 1 == 1 || first == second {
            hash = node(step, &hash);
            while first & 1 == 0 && first != 0 {
                first >>= 1;
                second >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        first >>= 1;
        second >>= 1;
    }
    second == 0 && hash == *root
}

/// Whether a path proves that one tree is the beginning of another (section 2.1.4.2). The empty one is that of all.
pub fn extends(
    (first, first_root): (u64, &Hash),
    (second, second_root): (u64, &Hash),
    path: &[Hash],
) -> bool {
    match first {
        _ if first > second => return false,
        _ if first == second => return path.is_empty() && first_root == second_root,
        0 => return path.is_empty() && *first_root == Peaks::default().root(),
        _ => {}
    }
    let mut steps = path.iter();
    let begin = if first.is_power_of_two() { Some(first_root) } else { steps.next() };
    let Some(begin) = begin else { return false };
    let (mut one, mut other) = (first - 1, second - 1);
    while one & 1 == 1 {
        one >>= 1;
        other >>= 1;
    }
    let (mut of_first, mut of_second) = (*begin, *begin);
    for step in steps {
        if other == 0 {
            return false;
        }
        if one & 1 == 1 || one == other {
            of_first = node(step, &of_first);
            of_second = node(step, &of_second);
            while one & 1 == 0 && one != 0 {
                one >>= 1;
                other >>= 1;
            }
        } else {
            of_second = node(&of_second, step);
        }
        one >>= 1;
        other >>= 1;
    }
    other == 0 && of_first == *first_root && of_second == *second_root
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::audit::entry::hex;

    /// The definition itself, word for word (section 2.1.1).
    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => array(digest(&SHA256, &[]).as_ref()),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(half(many.len() as u64) as usize);
                node(&root(left), &root(right))
            }
        }
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    fn fetcher(leaves: &[Hash]) -> impl FnMut(Subtree) -> Result<Hash, Infallible> + '_ {
        |Subtree { level, number }| {
            let (from, count) = ((number << level) as usize, 1 << level);
            Ok(root(&leaves[from..from + count]))
        }
    }

    #[test]
    fn peaks_give_the_root_of_the_definition() {
        let all = leaves(130);
        let mut peaks = Peaks::default();
        for size in 0..all.len() {
            assert_eq!(peaks.root(), root(&all[..size]), "{size}");
            assert_eq!(Peaks::new(size as u64, peaks.hashes().to_vec()), Some(peaks.clone()));
            peaks.push(all[size], &mut |level, number, hash| {
                let mut fetch = fetcher(&all);
                let Ok(expect) = fetch(Subtree { level, number });
                assert_eq!(*hash, expect, "{size}: {level}, {number}");
            });
        }
        assert_eq!(Peaks::new(3, vec![all[0]]), None);
    }

    #[test]
    fn proofs_prove_what_is_so_and_nothing_else() {
        let all = leaves(40);
        for size in 1..=all.len() as u64 {
            let whole = root(&all[..size as usize]);
            for index in 0..size {
                let Ok(path) = inclusion(index, size, &mut fetcher(&all));
                let one = &all[index as usize];
                assert!(includes(one, index, size, &path, &whole), "{index} of {size}");
                assert!(!includes(&all[(index as usize + 1) % 40], index, size, &path, &whole));
                assert!(!includes(one, index, size, &path, &leaf(b"other")));
                if size > 1 {
                    assert!(!includes(one, (index + 1) % size, size, &path, &whole), "{index} of {size}");
                    assert!(!includes(one, index, size, &path[1..], &whole));
                }
                assert!(!includes(one, index, size, &[&path[..], &[whole]].concat(), &whole));
            }
            assert!(!includes(&all[0], size, size, &[], &whole));
            for first in 1..=size {
                let Ok(path) = consistency(first, size, &mut fetcher(&all));
                let part = root(&all[..first as usize]);
                assert!(extends((first, &part), (size, &whole), &path), "{first} of {size}");
                assert!(!extends((first, &leaf(b"other")), (size, &whole), &path), "{first} of {size}");
                assert!(!extends((first, &part), (size, &leaf(b"other")), &path), "{first} of {size}");
                if first < size {
                    let shorter = path.get(1..).unwrap_or_default();
                    assert!(path.is_empty() || !extends((first, &part), (size, &whole), shorter));
                    assert!(!extends((size, &whole), (first, &part), &path));
                }
            }
            assert!(extends((0, &Peaks::default().root()), (size, &whole), &[]));
        }
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        // The test vectors that implementations of RFC 6962 share; the tree is the same.
        let data: [&[u8]; 8] = [
            b"",
            b"\0",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let expect = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut peaks = Peaks::default();
        for (data, expect) in data.into_iter().zip(expect) {
            peaks.push(leaf(data), &mut |_, _, _| {});
            assert_eq!(hex(&peaks.root()), expect);
        }
    }
}
