//! Deep links: `engage://customer/ID`, opened by a telephone system or a mail.

/// The screen that a link names, as a route of the UI. A link comes from outside, so only known shapes pass, and an id
/// holds nothing but what ids are made of.
pub fn route(link: &str) -> Option<String> {
    // By hand: a parser of addresses would mend what is refused here.
    let (kind, id) = link.strip_prefix("engage://")?.split_once('/')?;
    let kind = match kind {
        "customer" => "customers",
        "instance" => "instances",
        "work-item" => "work-items",
        _ => return None,
    };
    let id = id.strip_suffix('/').unwrap_or(id);
    let plain = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| format!("/{kind}/{id}"))
}

/// The first link among a program's arguments.
pub fn among<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Option<String> {
    arguments.into_iter().find_map(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_opens() {
        assert_eq!(
            route("engage://customer/0199-af").as_deref(),
            Some("/customers/0199-af")
        );
        assert_eq!(
            among(["engage", "--flag", "engage://work-item/7/"]).as_deref(),
            Some("/work-items/7")
        );
    }

    #[test]
    fn a_link_cannot_reach_anything_else() {
        for link in [
            "engage://customer/",
            "engage://customer/../../settings",
            "engage://customer/a/b",
            "engage://customer/1?next=/settings",
            "engage://customer/%2e%2e",
            "engage://settings/roles",
            "https://customer/1",
            "customer/1",
        ] {
            assert_eq!(route(link), None, "{link}");
        }
    }
}
