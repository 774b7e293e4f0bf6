//! The options that policies can set.

use crate::cli::{DataArgs, output};
use api::{CatalogueEntry, CatalogueQuery, ListCatalogue};

pub(super) async fn list(
    data: DataArgs,
    words: &[String],
    client: String,
    json: bool,
) -> anyhow::Result<()> {
    let query = CatalogueQuery {
        search: words.join(" "),
        client,
    };
    let page = data.call(ListCatalogue { query }).await?;
    if json {
        return output::json(&page);
    }
    let row = |option: CatalogueEntry| {
        let place = match (option.key.as_str(), option.hives.first()) {
            ("", _) => "(on the server)".to_owned(),
            (key, hive) => {
                let hive = hive.map_or("", String::as_str);
                format!("{hive}\\{key}\\{}", option.value_name)
            }
        };
        [option.id, option.title, place]
    };
    let options = page.categories.into_iter().flat_map(|it| it.options);
    let rows: Vec<_> = options.map(row).collect();
    output::table(["OPTION", "NAME", "VALUE"], &rows);
    Ok(())
}
