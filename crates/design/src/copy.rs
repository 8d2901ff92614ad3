use form::Words;
use kernel::Result;
use store::Tx;

use crate::draft::{Author, Saved, create, load};
use crate::{Body, Kind};

/// A new definition with what another one says (its draft where it has one), under a key and name of its own.
pub async fn copy(
    tx: &mut Tx,
    author: Author<'_>,
    kind: Kind,
    from: &str,
    to: &str,
    name: Words,
) -> Result<Saved> {
    let original: Body = load(tx, kind, from, author.around).await?.body;
    create(tx, author, &original.renamed(to, name)).await
}
