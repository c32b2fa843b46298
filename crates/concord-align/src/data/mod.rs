//! Plain records, and the file formats they travel in. Nothing here depends on a model, a method or a browser.

pub mod archive;
mod bounds;
pub mod compare;
pub mod config;
mod config_checks;
pub mod day;
pub mod decision;
pub mod detect;
pub mod digits;
pub mod export;
mod handoff;
pub mod import;
pub mod in_order;
mod json;
mod json_pieces;
pub mod language;
pub mod language_gate;
pub mod language_info;
mod language_table;
pub mod limits;
pub mod measure_kind;
mod measurement_checks;
pub mod measurements;
pub mod merge;
pub mod model_record;
pub mod parallel;
pub mod problem;
mod problem_list;
pub mod prompt;
pub mod prompt_source;
pub mod reasoning;
mod reasoning_markers;
mod reasoning_ticks;
mod row_record;
pub mod session;
mod session_checks;
pub mod session_file;
mod session_numbers;
pub mod session_reader;
pub mod session_writer;
pub mod session_zip;
pub mod settings_text;
pub mod similarity;
pub mod spelling;
pub mod table_column;
mod tally;

#[cfg(any(test, feature = "testing"))]
pub mod test_session;

pub use compare::comparable;
pub use config::{MOST_TOKENS, MOST_TOKENS_THINKING, Method, SessionConfig, TieBreak};
pub use config_checks::{check_languages, check_run, check_settings};
pub use day::Day;
pub use decision::{BulkRow, CurationAct, CurationEvent, RowState, RowStatus};
pub use detect::detected_language;
pub use digits::digit_value;
pub use export::{
    BatchColumns, BatchExport, BatchPlan, BatchedRow, DataFile, DecisionLog, Export, ExportFormat,
    ExportOptions, ExportOrder, ExportRow, ExportStatuses, PairRecord, PairSide, PairWriter, Part, RowColumn,
    RowParts, SideFacts, TextFinder, Written, batches_read_me, beside, csv_cell, export_batches, export_trl,
    file_name, is_writable, llama_factory_name, part_name, problems_csv, writable_rows,
};
pub use handoff::{Handoff, ImportedFile, LiveServer};
pub use import::{
    Content, FileLanguage, FileModel, FilePreview, ImportProblem, Imported, ImportedResponses, JobPart, Join,
    LanguageCheck, Mapping, Parallel, PromptSet, ResponseJoin, ResponseMapping, ResponseShape, Shape,
    SourceFile, TextColumn, Verdict, import, import_responses, read_prompts, session_of, unpacked,
};
pub use in_order::InOrder;
pub use json::from_json;
pub use language::Language;
pub use language_gate::{RELATIVES, recorded_language, relatives_of};
pub use language_info::{Direction, LanguageInfo, known_languages};
pub use limits::{HIGHEST_SAMPLE, MOST_LANGUAGES, MOST_RESPONSES, MOST_SAMPLES, RunSize};
pub use measure_kind::MeasureKind;
pub use measurements::{
    Measurements, Representations, RepresentedText, RowScores, StatePooling, TranslationScores,
};
pub use merge::{Merged, SameRecord, merge_logs, renamed};
pub use model_record::ModelRecord;
pub use parallel::{ParallelChecks, parallel_problems};
pub use problem::{DataError, FieldProblem, MOST_PROBLEMS, ProblemKind, RowProblem};
pub use prompt::{Prompt, TaskKind, languages_of};
pub use prompt_source::PromptSource;
pub use reasoning::{
    ReasoningState, SplitText, has_reasoning, may_open_reasoning, opens_reasoning, split_reasoning,
};
pub use reasoning_markers::is_reasoning_token;
pub use row_record::RowRecord;
pub use session::{AppRecord, FinishReason, Pair, Reference, Response, SESSION_SCHEMA, Session, SkipReason};
pub use session_checks::{SessionChecks, check_session};
pub use session_file::{read_session, write_session};
pub use session_reader::SessionReader;
pub use session_writer::SessionWriter;
pub use session_zip::{SessionPacker, SessionUnpacker};
pub use settings_text::{read_settings, settings_text};
pub use similarity::Similarity;
pub use spelling::Spellings;
pub use table_column::{Column, ColumnKind};
pub use tally::Tally;
