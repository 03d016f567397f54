//! What keys of objects call a camera. It is made of the first name, never changes, and is never given away again.

use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use unicode_normalization::UnicodeNormalization;

use super::model::camera;
use crate::{Result, words::after_prefix};

/// Characters, without the number that tells twins apart.
const LONGEST: usize = 40;

/// A slug of `name` that no camera has or ever had.
pub(super) async fn free(db: &impl ConnectionTrait, name: &str) -> Result<String> {
    let slug = slug(name);
    let alike = camera::Entity::find()
        .filter(camera::COLUMN.slug.gte(&*slug))
        .filter(camera::COLUMN.slug.lt(after_prefix(&slug)))
        .select_only()
        .column(camera::Column::Slug);
    let taken: Vec<String> = alike.into_tuple().all(db).await?;
    let candidates = std::iter::once(slug.clone()).chain((2..).map(|n: u32| format!("{slug}_{n}")));
    Ok(candidates.into_iter().find(|candidate| !taken.contains(candidate)).unwrap_or(slug))
}

/// `Dock 2, Süd` → `dock_2_sud`
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.nfkd().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            // Marks that stood on a letter.
            _ if unicode_normalization::char::is_combining_mark(c) => {}
            _ if !slug.is_empty() && !slug.ends_with('_') => slug.push('_'),
            _ => {}
        }
    }
    slug.truncate(LONGEST);
    match slug.trim_end_matches('_') {
        "" => "camera".into(),
        slug => slug.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain_letters_and_figures() {
        assert_eq!(slug("Dock 2, Süd"), "dock_2_sud");
        assert_eq!(slug("  ../Gate//"), "gate");
        assert_eq!(slug("停车场"), "camera");
        assert_eq!(slug(&"x".repeat(90)).len(), LONGEST);
    }
}
