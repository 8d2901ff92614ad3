//! DMN.
use crate::eval::{Frame, Machine, Result};
use crate::value::Value;
#[derive(Debug)]
pub(crate) struct Constraint;
impl Constraint { pub(crate) fn apply(&self, value: Value, _m: &mut Machine) -> Result { Ok(value) } }
#[derive(Debug)]
pub(crate) struct Table;
impl Table { pub(crate) fn evaluate(&self, _f: &Frame<'_>, _m: &mut Machine) -> Result { Ok(Value::Null) } }
