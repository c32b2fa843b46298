//! A template as code in which every value that is made goes through the budget.
//!
//! The template engine limits how many instructions run, not what one of them may take: `"x" * 10**9` is
//! one, and so is a comparison of two long texts. So each instruction that makes, copies or reads a value
//! is put together with a guard, a filter of ours that takes the cost first (see `template_guards`). The
//! guards' names cannot be written in a template. What is left alone only moves values.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{BinOp, BinOpKind, Expr, Stmt};
use minijinja::machinery::{
    CodeGenerator, Instruction, Instructions, Token, WhitespaceConfig, parse, tokenize,
};
use minijinja::{Error, Value};

use super::template_budget::{MAX_BYTES, failed, too_long};
use super::template_walk::for_each_expression;

/// Most operators in one tag and most `elif` in all: the engine goes down one level for each.
const MAX_CHAIN: usize = 256;
/// Loops that call themselves; the engine's own flag.
const RECURSIVE: u8 = 2;
/// A filter that the engine shall look up by name each time.
const NO_LOCAL: u8 = !0;

/// Code of a template and of its blocks.
#[derive(Debug)]
pub(super) struct Code<'a> {
    pub(super) main: Instructions<'a>,
    pub(super) blocks: BTreeMap<&'a str, Instructions<'a>>,
}

impl<'a> Code<'a> {
    /// Compiles a source; `name` is what messages call it.
    pub(super) fn compile(name: &'a str, source: &'a str) -> Result<Self, Error> {
        // As the libraries that templates are written for set them.
        let spaces =
            WhitespaceConfig { keep_trailing_newline: false, lstrip_blocks: true, trim_blocks: true };
        refuse_chains(source, spaces)?;
        let tree = parse(source, name, Default::default(), spaces)?;
        refuse_large_constants(&tree)?;
        let mut generator = CodeGenerator::new(name, source);
        generator.compile_stmt(&tree);
        let (main, blocks) = generator.finish();
        let blocks = blocks.into_iter().map(|(name, code)| guarded(&code).map(|code| (name, code)));
        Ok(Self { main: guarded(&main)?, blocks: blocks.collect::<Result<_, _>>()? })
    }
}

/// The engine's parser counts brackets, but not operators in a row.
fn refuse_chains(source: &str, spaces: WhitespaceConfig) -> Result<(), Error> {
    let (mut n_operators, mut n_elifs) = (0, 0);
    for token in tokenize(source, false, Default::default(), spaces) {
        match token?.0 {
            Token::VariableStart | Token::BlockStart => n_operators = 0,
            Token::Ident("elif") => n_elifs += 1,
            Token::Ident("and" | "or" | "not" | "in" | "is" | "if" | "else") => n_operators += 1,
            Token::Ident(_) | Token::TemplateData(_) | Token::VariableEnd | Token::BlockEnd => {}
            Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Float(_) => {}
            Token::Comma | Token::Colon | Token::Assign => {}
            Token::BracketClose | Token::ParenClose | Token::BraceClose | Token::BraceOpen => {}
            _ => n_operators += 1,
        }
        if n_operators > MAX_CHAIN || n_elifs > MAX_CHAIN {
            return Err(failed(format!("more than {MAX_CHAIN} operators or branches in a row")));
        }
    }
    Ok(())
}

/// What is constant is computed while compiling, before any guard: bounds it.
fn refuse_large_constants(tree: &Stmt<'_>) -> Result<(), Error> {
    let mut n_bytes = 0usize;
    for_each_expression(tree, &mut |expression| {
        let Expr::BinOp(operation) = expression else { return Ok(()) };
        n_bytes = n_bytes.saturating_add(constant_bytes(operation));
        if n_bytes > MAX_BYTES { Err(too_long()) } else { Ok(()) }
    })
}

/// Bytes of an operation's result if it is constant; what it works on has been bounded before.
fn constant_bytes(operation: &BinOp<'_>) -> usize {
    let (Some(left), Some(right)) = (operation.left.as_const(), operation.right.as_const()) else { return 0 };
    let n_bytes = |value: &Value| value.as_str().map_or_else(|| value.len().unwrap_or(1) * 32, str::len);
    match operation.op {
        BinOpKind::Mul => match (left.as_usize(), right.as_usize()) {
            (Some(_), Some(_)) => 32,
            (Some(n), None) => n.saturating_mul(n_bytes(&right)),
            (None, Some(n)) => n.saturating_mul(n_bytes(&left)),
            (None, None) => 32,
        },
        BinOpKind::Add | BinOpKind::Concat => {
            if left.as_object().is_some() || right.as_object().is_some() {
                return MAX_BYTES + 1;
            }
            n_bytes(&left) + n_bytes(&right)
        }
        _ => 32,
    }
}

/// The same code with guards.
fn guarded<'a>(code: &Instructions<'a>) -> Result<Instructions<'a>, Error> {
    let mut parts = Vec::new();
    let mut starts = Vec::new();
    let mut n_instructions = 0;
    while let Some(instruction) = code.get(parts.len() as u32) {
        let part = with_guards(instruction)?;
        starts.push(n_instructions);
        n_instructions += part.len() as u32;
        parts.push(part);
    }
    starts.push(n_instructions);
    let mut out = Instructions::new(code.name(), code.source());
    for (index, part) in parts.into_iter().enumerate() {
        let line = code.get_line(index as u32).unwrap_or(0) as u16;
        for instruction in part {
            out.add_with_line(relocated(instruction, &starts), line);
        }
    }
    Ok(out)
}

/// An instruction with what goes before and after it.
fn with_guards<'a>(instruction: &Instruction<'a>) -> Result<Vec<Instruction<'a>>, Error> {
    use Instruction as I;
    let guard = |name: &'static str, n_values| I::ApplyFilter(name, Some(n_values), NO_LOCAL);
    // Takes two values off the stack and puts both back.
    let both = |name: &'static str| [guard(name, 2), I::UnpackList(2)];
    let same = instruction.clone();
    Ok(match instruction {
        I::EmitRaw(text) => vec![I::LoadConst(Value::from(*text)), I::Emit],
        I::Add => [&both("+")[..], &[same, guard("settle", 1)]].concat(),
        I::Mul => [&both("*")[..], &[same, guard("settle", 1)]].concat(),
        I::StringConcat => [&both("~")[..], &[same]].concat(),
        I::In | I::CompareAndPreserve(_) => [&both("in")[..], &[same]].concat(),
        I::Eq | I::Ne | I::Lt | I::Lte | I::Gt | I::Gte => [&both("==")[..], &[same]].concat(),
        I::SetAttr(_) => [&both("=")[..], &[same]].concat(),
        I::GetItem => vec![guard("[]", 2)],
        I::Slice => vec![guard("[:]", 4)],
        I::BuildList(_) | I::BuildMap(_) | I::BuildKwargs(_) => vec![same, guard("make", 1)],
        I::UnpackList(_) => vec![guard("read", 1), same],
        I::PushLoop(flags) if flags & RECURSIVE != 0 => {
            return Err(failed("recursive loops are not supported"));
        }
        I::PushLoop(_) => vec![guard("read", 1), same],
        I::BuildMacro(..) => vec![I::LoadConst(Value::from(())), guard("macro", 1), I::DiscardTop, same],
        I::MergeKwargs(_) | I::UnpackLists(_) => {
            return Err(failed("arguments that are unpacked by * are not supported"));
        }
        I::CallMethod("changed", _) => return Err(failed("loop.changed is not supported")),
        _ => vec![same],
    })
}

/// An instruction whose jumps go to where the instructions are now.
fn relocated<'a>(instruction: Instruction<'a>, starts: &[u32]) -> Instruction<'a> {
    use Instruction as I;
    // A jump that is yet without a target has none.
    let to = |target: u32| starts.get(target as usize).copied().unwrap_or(target);
    match instruction {
        I::Iterate(target) => I::Iterate(to(target)),
        I::Jump(target) => I::Jump(to(target)),
        I::JumpIfFalse(target) => I::JumpIfFalse(to(target)),
        I::JumpIfFalseOrPop(target) => I::JumpIfFalseOrPop(to(target)),
        I::JumpIfTrueOrPop(target) => I::JumpIfTrueOrPop(to(target)),
        I::BuildMacro(name, target, flags) => I::BuildMacro(name, to(target), flags),
        other => other,
    }
}
