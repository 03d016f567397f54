//! The files of a folder, listed as a bucket lists its objects: by key, in the order of bytes, a page at a time.

use std::{fs, io, path::Path, time::UNIX_EPOCH};

use gatehouse_app::ports::Listed;

/// Files under `root` whose key begins with `prefix` and stands behind `after`. Names with a dot in front are no keys. Blocks.
pub(super) fn list(root: &Path, prefix: &str, after: &str, limit: usize) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    // The deepest folder that everything of the prefix is in.
    let folder = prefix.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    walk(&root.join(&folder), &folder, prefix, after, limit, &mut found)?;
    Ok(found)
}

fn walk(
    folder: &Path,
    inside: &str,
    prefix: &str,
    after: &str,
    limit: usize,
    found: &mut Vec<Listed>,
) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    // A folder's keys go on with a slash, which is where it stands among its neighbours.
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.starts_with('.') {
            let is_folder = entry.file_type()?.is_dir();
            names.push(if is_folder { format!("{inside}{name}/") } else { format!("{inside}{name}") });
        }
    }
    names.sort_unstable();
    for name in names {
        if found.len() >= limit {
            return Ok(());
        }
        let path = folder.join(name.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
        if name.ends_with('/') {
            // All of its keys begin with its name: they are behind `after` or not, unless `after` is one of them.
            let relevant = name.starts_with(prefix) || prefix.starts_with(&name);
            if relevant && (name.as_str() > after || after.starts_with(&name)) {
                walk(&path, &name, prefix, after, limit, found)?;
            }
        } else if name.starts_with(prefix) && name.as_str() > after {
            match fs::metadata(&path) {
                Ok(about) => found.push(listed(name, &about)),
                // Gone in the meantime.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn listed(key: String, about: &fs::Metadata) -> Listed {
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|age| i64::try_from(age.as_millis()).ok()).unwrap_or_default();
    Listed { key, size: about.len(), etag: None, modified }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_in_the_order_of_keys_page_by_page() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys =
            ["a/b", "a-b", "a.b", "a/b-c", "a/b/c", "a/b.c", "a0", "b/2026/x", "b/2026/x.r2", "b/2025/y", "c"]
                .map(str::to_owned)
                .to_vec();
        // A file system has no file beside a folder of the same name.
        keys.retain(|key| key != "a/b");
        for key in &keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap();
        }
        fs::create_dir(folder.path().join(".tmp")).unwrap();
        fs::File::create(folder.path().join(".tmp/half")).unwrap();
        keys.sort();
        let all = |prefix: &str, limit: usize| {
            let (mut listed, mut after) = (Vec::<String>::new(), String::new());
            loop {
                let page = list(folder.path(), prefix, &after, limit).unwrap();
                listed.extend(page.iter().map(|found| found.key.clone()));
                match page.last() {
                    Some(last) => after.clone_from(&last.key),
                    None => return listed,
                }
            }
        };
        for limit in [1, 2, 3, 100] {
            assert_eq!(all("", limit), keys, "{limit} a page");
            for prefix in ["a", "a/", "a/b", "b/", "b/2026/x", "d"] {
                let wanted: Vec<_> = keys.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
                assert_eq!(all(prefix, limit), wanted, "{prefix}, {limit} a page");
            }
        }
    }
}
