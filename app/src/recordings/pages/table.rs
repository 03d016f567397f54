//! The files of a window: what there is without script, and for whoever wants a file.

use chrono_tz::Tz;

use super::tracks::long;
use crate::{
    ids::CameraId,
    recordings::{Track, window::Window},
    storage::size,
    ui::prelude::*,
    urls,
};

/// Files that are listed; more of them is what the timeline is for.
pub const FILES: u64 = 200;

/// One segment.
#[derive(Clone, Debug)]
pub struct File {
    pub camera: CameraId,
    pub camera_name: String,
    pub started_at: i64,
    pub ended_at: i64,
    pub bytes: i64,
    /// `uploading`, `completed`, `failed`.
    pub state: String,
    pub recorder: String,
    /// It can be had now.
    pub is_here: bool,
}

/// What is being recorded of a camera, in a file that has not ended: from when to when.
struct Open {
    camera_name: String,
    recorder: String,
    span: (i64, i64),
}

pub(super) fn table(files: Vec<File>, tracks: &[Track], window: Window, zone: Tz) -> impl IntoView + use<> {
    let open = tracks.iter().filter_map(|track| {
        Some(Open { camera_name: track.name.clone(), recorder: track.recorder.clone(), span: track.open? })
    });
    let open = open.map(|open| open_row(open, zone)).collect_view();
    if files.is_empty() && open.is_empty() {
        return view! { <p>"No file of these cameras begins within this time."</p> }.into_any();
    }
    let cut = files.len() as u64 >= FILES;
    let rows = files.into_iter().map(|file| row(file, zone)).collect_view();
    let more =
        cut.then(|| view! { <p class="hint">{format!("The newest {FILES} of them. Zoom in for the others.")}</p> });
    let caption = format!("Files within {}", window.span.label());
    view! {
        <Table
            caption=caption
            columns=vec![
                Column::text("Began"), Column::text("Camera"), Column::num("Length"), Column::num("Size"), Column::text("State"),
                Column::text("Recorder").wide(), Column::hidden("File"),
            ]
        >{open}{rows}</Table>
        {more}
    }
    .into_any()
}

fn open_row(open: Open, zone: Tz) -> impl IntoView + use<> {
    let Open { camera_name, recorder, span: (from, until) } = open;
    let beneath = recorder.clone();
    view! {
        <tr>
            <th scope="row"><Time at=from tz=zone style=TimeStyle::Second/><Beneath>{beneath}</Beneath></th>
            <td>{camera_name}</td>
            <td class="num">{long(until - from)}</td>
            <td></td>
            <td><Status tone=Tone::Progress word="Recording"/></td>
            <td class="wide-only">{recorder}</td>
            <td><span class="hint">"Not ended yet"</span></td>
        </tr>
    }
}

fn row(file: File, zone: Tz) -> impl IntoView {
    let (tone, word) = match file.state.as_str() {
        "completed" => (Tone::Ok, "Completed"),
        "uploading" => (Tone::Progress, "Uploading"),
        _ => (Tone::Bad, "Failed"),
    };
    let save = match file.is_here {
        true => view! { <a href=urls::segment(file.camera, file.started_at)>"Download"</a> }.into_any(),
        false => view! { <span class="hint">"Not here yet"</span> }.into_any(),
    };
    let beneath = file.recorder.clone();
    view! {
        <tr>
            <th scope="row"><Time at=file.started_at tz=zone style=TimeStyle::Second/><Beneath>{beneath}</Beneath></th>
            <td>{file.camera_name}</td>
            <td class="num">{long(file.ended_at - file.started_at)}</td>
            <td class="num">{size(file.bytes)}</td>
            <td><Status tone word/></td>
            <td class="wide-only">{file.recorder}</td>
            <td>{save}</td>
        </tr>
    }
}
