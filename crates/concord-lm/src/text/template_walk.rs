//! Every expression of a template's syntax tree, inner ones before outer ones.

use minijinja::Error;
use minijinja::machinery::ast::{CallArg, Expr, Stmt};

/// What is done with an expression.
pub(super) type Visit<'v> = dyn FnMut(&Expr<'_>) -> Result<(), Error> + 'v;

/// Visits every expression of a statement.
pub(super) fn for_each_expression(statement: &Stmt<'_>, visit: &mut Visit<'_>) -> Result<(), Error> {
    match statement {
        Stmt::Template(part) => all(&part.children, visit),
        Stmt::EmitExpr(part) => inner(&part.expr, visit),
        Stmt::ForLoop(part) => {
            inner(&part.iter, visit)?;
            part.filter_expr.iter().try_for_each(|expression| inner(expression, visit))?;
            all(&part.body, visit)?;
            all(&part.else_body, visit)
        }
        Stmt::IfCond(part) => {
            inner(&part.expr, visit)?;
            all(&part.true_body, visit)?;
            all(&part.false_body, visit)
        }
        Stmt::WithBlock(part) => {
            part.assignments.iter().try_for_each(|(_, value)| inner(value, visit))?;
            all(&part.body, visit)
        }
        Stmt::Set(part) => [&part.target, &part.expr].into_iter().try_for_each(|part| inner(part, visit)),
        Stmt::SetBlock(part) => {
            inner(&part.target, visit)?;
            part.filter.iter().try_for_each(|expression| inner(expression, visit))?;
            all(&part.body, visit)
        }
        Stmt::AutoEscape(part) => {
            inner(&part.enabled, visit)?;
            all(&part.body, visit)
        }
        Stmt::FilterBlock(part) => {
            inner(&part.filter, visit)?;
            all(&part.body, visit)
        }
        Stmt::Block(part) => all(&part.body, visit),
        Stmt::Import(part) => inner(&part.expr, visit),
        Stmt::FromImport(part) => inner(&part.expr, visit),
        Stmt::Extends(part) => inner(&part.name, visit),
        Stmt::Include(part) => inner(&part.name, visit),
        Stmt::Macro(part) => {
            part.defaults.iter().try_for_each(|expression| inner(expression, visit))?;
            all(&part.body, visit)
        }
        Stmt::CallBlock(part) => {
            inner(&part.call.expr, visit)?;
            arguments(&part.call.args, visit)?;
            part.macro_decl.defaults.iter().try_for_each(|expression| inner(expression, visit))?;
            all(&part.macro_decl.body, visit)
        }
        Stmt::Do(part) => {
            inner(&part.call.expr, visit)?;
            arguments(&part.call.args, visit)
        }
        Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => Ok(()),
    }
}

fn all(statements: &[Stmt<'_>], visit: &mut Visit<'_>) -> Result<(), Error> {
    statements.iter().try_for_each(|statement| for_each_expression(statement, visit))
}

/// Visits what is within an expression, then the expression.
fn inner(expression: &Expr<'_>, visit: &mut Visit<'_>) -> Result<(), Error> {
    let mut each = |parts: &[&Expr<'_>]| parts.iter().try_for_each(|part| inner(part, visit));
    match expression {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(part) => {
            each(&[&part.expr])?;
            for bound in [&part.start, &part.stop, &part.step].into_iter().flatten() {
                each(&[bound])?;
            }
        }
        Expr::UnaryOp(part) => each(&[&part.expr])?,
        Expr::BinOp(part) => each(&[&part.left, &part.right])?,
        Expr::Compare(part) => {
            each(&[&part.expr])?;
            part.ops.iter().try_for_each(|operand| each(&[&operand.expr]))?;
        }
        Expr::IfExpr(part) => {
            each(&[&part.test_expr, &part.true_expr])?;
            part.false_expr.iter().try_for_each(|part| each(&[part]))?;
        }
        Expr::Filter(part) => {
            part.expr.iter().try_for_each(|part| each(&[part]))?;
            arguments(&part.args, visit)?;
        }
        Expr::Test(part) => {
            each(&[&part.expr])?;
            arguments(&part.args, visit)?;
        }
        Expr::GetAttr(part) => each(&[&part.expr])?,
        Expr::GetItem(part) => each(&[&part.expr, &part.subscript_expr])?,
        Expr::Call(part) => {
            each(&[&part.expr])?;
            arguments(&part.args, visit)?;
        }
        Expr::List(part) => part.items.iter().try_for_each(|part| each(&[part]))?,
        Expr::Map(part) => part.keys.iter().chain(&part.values).try_for_each(|part| each(&[part]))?,
    }
    visit(expression)
}

fn arguments(arguments: &[CallArg<'_>], visit: &mut Visit<'_>) -> Result<(), Error> {
    arguments.iter().try_for_each(|argument| match argument {
        CallArg::Pos(value) | CallArg::Kwarg(_, value) => inner(value, visit),
        CallArg::PosSplat(value) | CallArg::KwargSplat(value) => inner(value, visit),
    })
}
