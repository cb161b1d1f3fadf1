//! Takes apart addresses and references as Terraform writes them:
//! `module.vpc["a.b"].aws_subnet.public[0].id`.

use super::draft::Index;

/// A name in an address, with the index behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<'a> {
    pub name: &'a str,
    pub index: Option<Index>,
}

/// The names of an address. Dots within brackets part nothing.
pub fn parts(address: &str) -> Vec<Segment<'_>> {
    let mut parts = Vec::new();
    let mut rest = address;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let (index, behind) = leading_index(behind);
        if !name.is_empty() {
            parts.push(Segment { name, index });
        }
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    parts
}

/// The first index of `[0].id`, and what stands behind all that follow it.
fn leading_index(mut text: &str) -> (Option<Index>, &str) {
    let mut first = None;
    while let Some(inner) = text.strip_prefix('[') {
        let end = index_end(inner);
        let (raw, behind) = inner.split_at(end);
        first = first.or_else(|| index_of(raw));
        text = behind.strip_prefix(']').unwrap_or(behind);
    }
    (first, text)
}

/// Where the bracket closes: not within quotes.
fn index_end(inner: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return at,
            _ => {}
        }
    }
    inner.len()
}

fn index_of(raw: &str) -> Option<Index> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(key) => Some(Index::Key(key.replace("\\\"", "\"").replace("\\\\", "\\"))),
        None => raw.parse().ok().map(Index::Number),
    }
}

/// The names of the modules of an instance's address, from the outermost: without indices.
pub fn module_path(instance: &str) -> Vec<&str> {
    parts(instance).into_iter().map(|part| part.name).filter(|name| *name != "module").collect()
}

/// An instance of a module: the instance it stands in, its call's name, its own index.
pub fn parent(instance: &str) -> Option<(&str, Segment<'_>)> {
    let all = parts(instance);
    let last = all.last()?.clone();
    let mut at = 0;
    let mut depth = 0;
    let mut quoted = false;
    for (position, letter) in instance.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            'm' if depth == 0 && instance[position..].starts_with("module.") => {
                let begins = position == 0 || instance[..position].ends_with('.');
                at = if begins { position } else { at };
            }
            _ => {}
        }
    }
    let outer = instance.get(..at)?;
    Some((outer.strip_suffix('.').unwrap_or(outer), last))
}

/// A name within a module instance.
pub fn within(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_in_a_key_parts_nothing() {
        let names = |address| parts(address).iter().map(|part| part.name.to_owned()).collect::<Vec<_>>();
        assert_eq!(names("module.a[\"x.y\"].aws_vpc.b[0].id"), ["module", "a", "aws_vpc", "b", "id"]);
        assert_eq!(module_path("module.a[\"]module.x\"].module.b"), ["a", "b"]);
        assert_eq!(parts("a[\"q\\\"]\"]")[0].index, Some(Index::Key("q\"]".into())));
        for odd in ["", "[", "a[", "]", "...", "a[\"", "[\"\\"] {
            let _ = parts(odd);
        }
    }

    #[test]
    fn a_module_instance_knows_its_parent() {
        let of = |instance| parent(instance).map(|(outer, part)| (outer, part.name));
        assert_eq!(of("module.a[\"x.module.y\"].module.b[0]"), Some(("module.a[\"x.module.y\"]", "b")));
        assert_eq!(of("module.a"), Some(("", "a")));
        assert_eq!(of(""), None);
    }
}
