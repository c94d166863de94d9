//! Pages of the built book that show a file or a folder of the repository, so that a link to one works there, too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::Result;

/// The folder that they are in, among the pages of the book.
const FOLDER: &str = "source";

/// Where the page is that shows `path`, among the pages of the book.
pub fn place(path: &Path) -> PathBuf {
    let name = if path == Path::new("") {
        Path::new("repository")
    } else {
        path
    };
    // mdBook takes `.md` anywhere in a link for a page of its own.
    let name = name.to_string_lossy().replace('.', "_");
    Path::new(FOLDER).join(format!("{name}.html"))
}

/// Writes a page that shows `path` of the folder `root` into the folder `pages`.
///
/// # Errors
/// What cannot be read or written.
pub fn write(root: &Path, path: &Path, pages: &Path) -> Result {
    let shown = root.join(path);
    let text = if shown.is_dir() {
        list(&shown)
    } else {
        fs::read_to_string(&shown)
    };
    let text = text.map_err(|error| format!("{}: {error}", shown.display()))?;
    let name = escape(&path.to_string_lossy());
    let page = format!(
        "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<h1>{name}</h1>\n<pre>{}</pre>\n",
        escape(&text)
    );
    let file = pages.join(place(path));
    let folder = file.parent().unwrap_or(pages);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, page))
        .map_err(|error| format!("{}: {error}", file.display()))
}

/// The names of what is in a folder.
fn list(folder: &Path) -> std::io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(format!("{}\n", entry?.file_name().to_string_lossy()));
    }
    names.sort_unstable();
    Ok(names.concat())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{root, target};

    #[test]
    fn a_file_is_shown_as_it_is_and_a_folder_by_names() {
        let pages = target("source-page-tests");
        let shown = |path: &str| {
            write(root(), Path::new(path), &pages).unwrap();
            fs::read_to_string(pages.join(place(Path::new(path)))).unwrap()
        };
        assert!(
            shown("kernel/src/ready.rs").contains("&amp;'static self, bit: usize) -&gt; Waker")
        );
        let folder = shown("kernel/src");
        assert!(
            folder.contains("ready.rs\n") && folder.contains("tbf\n"),
            "{folder}"
        );
    }
}
