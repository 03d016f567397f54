//! A clip over film that lies in an archive asks for it, once, and waits.

use super::{cut::Trouble, model::clip, plan::Source};
use crate::{
    App, archive,
    cameras::model::camera,
    recordings::{self, BackState},
};

/// Why there is nothing to be cut yet. Whoever has a clip tried again has its film asked for again.
pub(super) async fn away(
    app: &App,
    clip: &clip::Model,
    wanted: &[(camera::Model, Vec<Source>)],
) -> Result<Option<String>, Trouble> {
    let asked = match recordings::asked_for(app, clip.id, clip.updated_at).await? {
        Some(asked) => asked,
        None => {
            let mut is_away = false;
            // Rules of buckets go by age: where the oldest file of a camera is at hand the others are.
            for source in wanted.iter().filter_map(|(_, sources)| sources.first()) {
                is_away = is_away || archive::away(app, &source.object).await?.is_some();
            }
            if !is_away {
                return Ok(None);
            }
            let cameras: Vec<_> = wanted.iter().map(|(camera, _)| camera).collect();
            recordings::ask_back_for(app, clip, &cameras).await?
        }
    };
    let words = asked.in_words(app.now());
    match asked.state() {
        BackState::Ready => Ok(None),
        BackState::Failed => Err(Trouble::ForGood(format!("Its film lies in an archive. {words}."))),
        BackState::Asking | BackState::Restoring => {
            Ok(Some(format!("Its film lies in an archive and is being fetched back: {words}")))
        }
    }
}
