//! The component kit: what every screen is built of, on the tokens of `styles/00-tokens.css`.
//!
//! One file a component; its doc says when to take it and when another. All of its states stand in the gallery
//! (`/gallery`). A component holds no sentence of a screen: labels come in as `Signal<String>` (a closure from
//! [`tr!`](crate::tr) will do), and its own words are `kit-…` keys of the catalogue. To add a component: write the file,
//! name it here, add its styles under `ui/styles` (no literal colour), and give it a place in the gallery with every state.
//!
//! A control may be taken off the page while it has the focus: the browser then still tells it that it was left, after its
//! signals are gone. So what runs on leaving uses the `try_…` forms.
//!
//! Style attributes are only ever set property by property (`style:width=…`): the content security policy forbids the rest.

mod badge;
mod button;
mod calendar;
mod checkbox;
mod combobox;
mod date_field;
mod dialog;
mod dom;
mod drawer;
mod failure;
mod field;
mod file_drop;
mod float;
pub mod grid;
mod icon;
mod icon_button;
mod keys;
mod menu;
mod notice;
mod number_field;
pub mod palette;
mod progress;
mod radio_group;
mod segments;
mod select;
mod skeleton;
mod split;
mod state;
mod switch;
mod tabs;
mod text_area;
mod text_input;
mod timeline;
mod toast;
mod tooltip;
mod tree;

pub use badge::{Avatar, Badge, Count, Tone};
pub use button::{Button, Look};
pub use checkbox::Checkbox;
pub use combobox::{Choice, Combobox};
pub use date_field::DateField;
pub use dialog::Dialog;
pub use dom::{after, debounced, every, fold, fresh_id, now_ms, take_focus};
pub use drawer::Drawer;
pub use failure::Failure;
pub use field::{Field, field_context};
pub use file_drop::FileDrop;
pub use float::{Floating, Side};
pub use icon::{Drawn, Icon};
pub use icon_button::IconButton;
pub use keys::{KeyHint, chord, hints, listen_for_keys, shortcut, shortcut_everywhere};
pub use menu::{Menu, MenuItem};
pub use notice::Notice;
pub use number_field::{NumberField, parse_number};
pub use progress::Progress;
pub use radio_group::RadioGroup;
pub use segments::Segments;
pub use select::Select;
pub use skeleton::{Loading, Skeleton};
pub use split::SplitPane;
pub use state::EmptyState;
pub use switch::Switch;
pub use tabs::{Tab, Tabs};
pub use text_area::TextArea;
pub use text_input::TextInput;
pub use timeline::{Timeline, TimelineEntry};
pub use toast::{Toasts, toast, toast_with};
pub use tooltip::tooltip;
pub use tree::{Tree, TreeNode};
