//! Lists by keyset: a page begins after a row or before it, never at a count, so the last page is as quick as the first.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// Where a page of a list begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place<K> {
    #[default]
    Start,
    After(K),
    Before(K),
}

impl<K: DeserializeOwned> Place<K> {
    /// Reads the cursors of a URL; one that was tampered with begins at the start.
    #[must_use]
    pub fn of(after: Option<&str>, before: Option<&str>) -> Self {
        match (after.and_then(key), before.and_then(key)) {
            (Some(after), _) => Self::After(after),
            (None, Some(before)) => Self::Before(before),
            (None, None) => Self::Start,
        }
    }
}

/// The key a cursor stands for; `None` when it is none of ours.
#[must_use]
pub fn key<K: DeserializeOwned>(cursor: &str) -> Option<K> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

/// A cursor for URLs: opaque to whoever carries it.
#[must_use]
pub fn cursor<K: Serialize>(key: &K) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice<T> {
    pub rows: Vec<T>,
    /// The cursor `before` of the page in front of this one.
    pub newer: Option<String>,
    /// The cursor `after` of the page behind this one.
    pub older: Option<String>,
}

impl<T> Slice<T> {
    /// Makes a page of `rows`, which were read from `place` on in the direction of reading, one more than `limit` where there are more.
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: usize, place: &Place<K>, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let backwards = matches!(place, Place::Before(_));
        if backwards {
            rows.reverse();
        }
        let first = rows.first().map(|row| cursor(&key(row)));
        let last = rows.last().map(|row| cursor(&key(row)));
        match place {
            Place::Start => Self { rows, newer: None, older: last.filter(|_| more) },
            Place::After(_) => Self { rows, newer: first, older: last.filter(|_| more) },
            Place::Before(_) => Self { rows, newer: first.filter(|_| more), older: last },
        }
    }

    /// The same page with its rows made into something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Slice<U> {
        Slice { rows: self.rows.into_iter().map(make).collect(), newer: self.newer, older: self.older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_its_key() {
        let text = cursor(&(17_i64, "a/b"));
        assert_eq!(key::<(i64, String)>(&text), Some((17, "a/b".into())));
        assert_eq!(key::<(i64, String)>("%%%"), None);
        assert_eq!(Place::<i64>::of(Some("junk"), None), Place::Start);
    }

    #[test]
    fn pages_lead_both_ways() {
        let slice = Slice::cut(vec![1, 2, 3], 2, &Place::<i32>::Start, |row| *row);
        assert_eq!((slice.rows.as_slice(), slice.newer.is_some(), slice.older.is_some()), (&[1, 2][..], false, true));
        let slice = Slice::cut(vec![2, 1], 2, &Place::Before(3), |row| *row);
        assert_eq!((slice.rows.as_slice(), slice.newer.is_some(), slice.older.is_some()), (&[1, 2][..], false, true));
    }
}
