// The scripting API of Concord: `window.concord`. Errors are `Error` with `code: FaultCode`.

// BCP-47, such as "en" or "zh-Hans". Any spelling is taken ("deu", "pt_BR", "swh_Latn", "English"); what comes back is canonical.
export type Language = string;
export type Task = "math" | "code" | "general";
export type FaultCode =
  | "cancelled" | "no-model" | "bad-model" | "hash-mismatch" | "unreachable" | "no-room" | "in-use" | "does-not-fit"
  | "no-webgpu" | "device-lost" | "out-of-memory" | "not-finite" | "bad-input" | "bad-template" | "internal";
export interface ConcordError extends Error {
  code: FaultCode;
  session?: Session; // when a build was cancelled: what had finished
  measurements?: Measurements; // when a measure was cancelled: what had been measured
  translated?: SessionResponse[]; // and the translations that had ended
}

export interface Environment { version: string; backend: "webgpu" | "cpu"; adapter: string | null; software: boolean; webgpuHelp: string }
// drafts has the languages whose text a model drafted and nobody has confirmed, each with the model's name.
export interface Prompt {
  id: string; task: Task; answer?: string; text: Record<Language, string>; drafts?: Record<Language, string>;
}
// What is known of a prompt set; the licence is an SPDX identifier or free text. Exports say it.
export interface PromptSource { name?: string; source?: string; licence?: string }
export interface RowProblem {
  row: number; promptId: string | null; language: Language | null; kind: string; reason: string; fix: string; leftOut: boolean;
}
export interface ImportProblem extends RowProblem { file: string; column: string | null }
// How files are read as a prompt set; "" as the name of a column says that there is none.
export interface Mapping {
  kind?: "wide" | "long" | "per-file" | "nested"; join?: "row" | "id" | "order" | "anchor-text";
  path?: string; // keys to the rows of a JSON file, such as data.rows
  header?: boolean; delimiter?: "," | ";" | "\t" | "|"; quoting?: boolean;
  id?: string; answer?: string; task?: string; taskOfAll?: Task;
  language?: string; text?: string; // long: the columns of both; per-file: the text; nested: the texts
  texts?: { column: string; language: string }[]; files?: { file: string; language: string }[];
  oneLanguage?: boolean; // keeps prompts with a text in one language only; the others can be drafted in the editor
}
// How files are read as responses; "" as the name of a column says that there is none.
export interface ResponseMapping {
  served?: string; // of a job's results: the model to take, where several answered
  kind?: "rows" | "wide" | "columns" | "pairs"; join?: "id" | "text" | "order";
  path?: string; header?: boolean; delimiter?: "," | ";" | "\t" | "|"; quoting?: boolean;
  id?: string; prompt?: string; answer?: string; // the prompt's id, its text, and the gold answer of prompts made of the files
  language?: string; model?: string; sample?: string;
  response?: string; // rows: a response, or a list of them
  chosen?: string; rejected?: string; // pairs
  texts?: { column: string; language: string }[]; // wide
  prompts?: { column: string; language: string }[]; // the prompts' texts by language
  samples?: string[]; // columns
  files?: { file: string; language: string }[]; models?: { file: string; model: string }[]; // where the rows do not say it
  taskOfAll?: Task; // of prompts made of the files
}
export interface FilePreview { name: string; columns: string[]; rows: string[][]; nRows: number; isTextTable: boolean; paths: string[] }
export interface Verdict {
  parallel: "yes" | "doubtful" | "no"; reasons: string[];
  languages: { language: Language; nTexts: number; nMissing: number; sameNumbers?: number; lengths?: number }[];
}
export interface Message { role: "system" | "user" | "assistant"; content: string }
export type PromptInput = { messages: Message[] } | { prompt: string } | { tokens: number[] };
export interface Sampling {
  n?: number; temperature?: number; topK?: number; topP?: number; minP?: number; repetitionPenalty?: number;
  seed?: number;
  maxTokens?: number | null | "auto"; // null and "auto" are measured on the first prompts of the run, and recorded
  thinking?: boolean; // false unless given; for a model whose template has a switch for it
  // The day that the chat template tells the model, if it tells one: "YYYY-MM-DD" or "today". Without it, always the same day,
  // 2024-07-26, so that the same settings give the same responses. A session records the day.
  date?: "today" | string;
}
// A chat template by name: the file's own, none (the text as it is), or one of the known formats.
export type TemplateName = "file" | "plain" | "chatml" | "llama-3" | "gemma" | "mistral";
export interface Progress {
  stage: "load" | "offline" | "queue" | "measure" | "generate" | "embed" | "ask" | "select";
  done: number; total: number; tokens: number; tokensPerSec: number; bytesPerSec: number;
  rowsLive: number; rowsWaiting: number; remainingSecs: number | null;
}
export interface TokenUpdate {
  promptId: string; language: Language; sample: number; text: string; nTokens: number;
  reasoning?: string; // what the model thought since the last update; text does not contain it
}
// The job goes on by itself. Responses that had begun and not ended begin anew, and so do their tokens.
export interface Interruption {
  cause: "device-lost" | "out-of-memory" | "worker-stopped";
  remedy: "again" | "on-cpu" | "fewer"; // the models are loaded again, or on the CPU; fewer responses at once
  kept: number; // responses that are kept
}
export interface JobOptions {
  onProgress?: (progress: Progress) => void;
  onToken?: (update: TokenUpdate) => void;
  onResponses?: (responses: SessionResponse[]) => void;
  onInterrupted?: (interruption: Interruption) => void;
  signal?: AbortSignal;
}
export interface ModelInfo {
  name: string; architecture: string; quantization: string; parameters: number; nBytes: number;
  sha256: string; // of several files: the SHA-256 of the lines of their SHA-256s, in the order of the parts
  vocabSize: number; seqLen: number; nLayers: number; dim: number; backend: "webgpu" | "cpu"; adapter: string | null;
  numerics: "f32" | "int8" | null; // what matrices are multiplied in; null of a tokenizer
  measured: { webgpu: number; cpu: number }; memory: Memory; rows: number; rowTokens: number;
  encoder: {
    pooling: "mean" | "first" | "last"; normalise: boolean; prefix: string; queryPrefix: string; passagePrefix: string;
    maxTokens: number; similarity: string; source: string;
  } | null;
  template: TemplateName | null; // the one in use; null where the file has none and none was picked
  hasOwnTemplate: boolean; tellsDate: boolean; // the file has a chat template; the one in use may tell the model a date
  thinking: "never" | "switch" | "always"; // whether it thinks before it answers, as far as its template tells
  fallbackReason: string | null; // why the CPU runs it although nobody asked for that
  software: boolean; // the adapter is a software one
  notes: string[]; // what you should know about how it was loaded, such as that it could not be kept
}
// Bytes; budget and maxBuffer are 0 where the device does not say. Keys and values (kv) follow the job, up to kvMost.
export interface Memory {
  weights: number; kv: number; kvMost: number; kvToken: number; scratch: number; budget: number; largestBuffer: number; maxBuffer: number;
}
export interface StoredModel {
  id: string; name: string; address: string; nFiles: number;
  nBytes: number; bytesHere: number; // of the files that have begun to come
  isComplete: boolean; sha256: string | null; // null for a model of several files
}
export type FinishReason = "stop" | "length" | "cancelled";
export interface Generated {
  text: string; tokens: number[]; logprobs: number[]; sampledLogprobs: number[]; finishReason: FinishReason;
  reasoning?: string; reasoningTokens?: number; // as in SessionResponse
}
export type Method = "cm-align" | "random-reference" | "mapo" | "lidr" | "icr" | "lacomsa";
export interface SessionConfig extends Required<Omit<Sampling, "maxTokens" | "date">> {
  maxTokens: number | null; // null only before a run
  date?: string; // YYYY-MM-DD; what the prompts said, where the chat template tells a date
  task: Task; anchor: Language; languages: Language[]; method: Method; minMargin: number; languageGate: boolean;
  mergeDuplicates: boolean; anchorPairs: boolean; tieBreak: "cosine" | "sample"; encoder: string | null;
  spellings?: Record<Language, string>; // how the prompt set writes its languages, where not canonically; exports write it so
  promptSet?: PromptSource;
  // Whether the pairs came with a file and no method picked them.
  importedPairs?: boolean;
}
export interface ExtractedAnswer {
  value: string; // canonical: "1250", "-0.75", "1/3"
  rule: "boxed" | "marker" | "last-number" | "last-word"; // what pointed to it
  start: number; end: number; // in UTF-16 code units: text.slice(start, end) is what was read
  ambiguous: string[]; // what else it could be, in canonical form; empty where there is no doubt
}
export interface SessionResponse {
  promptId: string; language: Language; sample: number; text: string; tokens: number[]; logprob: number | null;
  finishReason: FinishReason; answer: string | null;
  ambiguous?: string[]; // what else the answer could be, where the text can be read in more than one way
  detectedLanguage: Language | null;
  model?: string; // who wrote it, where it came from a file
  translationOf?: [Language, number]; // the response that the model translated to get this one
  reasoning?: string; // what the model thought before; text does not contain it, and nothing is derived from it
  reasoningTokens?: number; // how many of tokens are reasoning and its markers
}
export interface Reference {
  promptId: string; language: Language; sample: number | null; consistency: number[]; meanCosine: number[];
  voteShare: number | null; skip: string | null;
}
export interface Pair {
  promptId: string; language: Language; chosen: number | null; rejected: number | null; scores: number[];
  cosine: number[]; margin: number | null; skip: string | null;
}
export interface Similarity { promptId: string; order: [Language, number][]; cosine: number[] }
// What is measured: "own" for the losses, "instructed" for ICR, "translations" for MAPO, "translated" for LIDR, "states" for
// LaCoMSA where an encoder scored, "chat" for MLC, "plain" for AlignX.
export type MeasureKind = "own" | "instructed" | "translations" | "translated" | "states" | "chat" | "plain";
export interface RowScores {
  promptId: string; language: Language; samples: number[]; nTokens: number[];
  logprob: number[]; // sums over the tokens, in nats
}
export interface TranslationScores {
  promptId: string; language: Language; samples: number[]; targets: number[]; nTokens: number[];
  logprob: number[][]; // [samples][targets]
}
export interface Representations {
  text: "chat" | "plain"; pooling: "last" | "mean"; layer: number; nLayers: number; dim: number;
  order: [string, Language][]; values: string; // [order, dim] as base64 of little-endian f32
}
export interface Measurements {
  model: Session["model"] | null; own: RowScores[]; instructed: RowScores[]; translations: TranslationScores[];
  states: Similarity[]; representations: Representations[];
}
export type RowStatus =
  "undecided" | "accepted" | "left-out" | "tie" | "both-good" | "both-bad" | "cannot-judge" | "harmful";
export interface RowState { chosen: number | null; rejected: number | null; status: RowStatus; flagged?: boolean }
// One entry of the log of decisions. With rows it is an act on many at once; item, lang, before and after are then the first's.
export interface CurationEvent {
  seq: number; time: string; actor: string; item: string; lang: Language;
  event:
    | "accept" | "swap" | "leave-out" | "choose" | "tie" | "both-good" | "both-bad" | "cannot-judge" | "harmful"
    | "edit" | "note" | "flag" | "adjudicate" | "repeat" | "reset" | "undo" | "redo";
  before: RowState; after: RowState; reason: string | null; shown_order: number[] | null; seed: number | null;
  reasons?: string[]; // picked from a list
  sample?: number; text?: string; // of an edit: which response and its text now; of a note: the remark
  rows?: { item: string; lang: Language; before: RowState; after: RowState }[];
}
// The job whose results a session holds, where another program sampled them.
export interface Handoff {
  job: string; server: "vllm" | "llama-server" | "openai" | "other"; served?: string; samplesPerRequest: number;
  imported: { name: string; sha256: string; lines: number }[]; missing: number;
}
export interface Session {
  schema: "concord-session/1"; created: string; app: { version: string }; config: SessionConfig;
  // template: the chat template that was picked, where it was not the file's own
  model: { name: string; sha256: string; architecture: string; quantization: string; numerics?: "f32" | "int8"; template?: string };
  handoff?: Handoff;
  prompts: Prompt[]; responses: SessionResponse[]; references: Reference[]; pairs: Pair[];
  similarities: Similarity[]; measurements?: Measurements; events: CurationEvent[];
}
// A measure of agreement (docs/agreement.md). value is null where it is undefined, and undefined then says why; nUnits is how
// many rows stand behind it, and fewer than 50 are too few to rely on. interval is the 95 % one.
export interface Interval { low: number; high: number }
export interface Coefficient {
  value: number | null; interval: Interval | null; nUnits: number; undefined: "too-few-units" | "one-value" | null;
}
export interface Rate { part: number; whole: number; share: number | null; interval?: Interval }
export interface AgreementCell {
  decided: number; kept: number; changed: number; leftOut: number; rate: number | null; interval: Interval | null;
}
export interface GroupAgreement {
  cell: AgreementCell;
  cut: { margin: number; rate: Rate; nPicks: number } | null; // the lowest margin from which on people kept 95 %
}
export interface Reliability { same: Coefficient; alpha: Coefficient; ordinalAlpha: Coefficient }
export interface PairAgreement {
  first: number; second: number; // places in actors
  same: Coefficient; kappa: Coefficient; weightedKappa: Coefficient;
}
export interface AgreementReport {
  withMethod: {
    all: GroupAgreement; byLanguage: [Language, GroupAgreement][];
    byMargin: [number, number, AgreementCell][]; // lowest and highest margin of a band, from the lowest up
  };
  people: { actors: string[]; all: Reliability; byLanguage: [Language, Reliability][]; pairs: PairAgreement[] };
  repeats: { actor: string; same: Rate; firstShown: Rate }[];
  conflicts: [string, Language][]; // prompt id and language of rows that people have to settle
}
export interface Counters {
  promptTokensEvaluated: number; textTokensEvaluated: number; tokensGenerated: number; steps: number;
  decodeDispatches: number; dispatches: number; submits: number; bytesReadBack: number; gpuBytes: number;
  peakHeapBytes: number;
}

export type ExportFormat = "trl" | "trl-implicit" | "kto" | "llama-factory" | "ms-swift" | "ultrafeedback" | "full" | "hub";
export interface BatchSettings {
  composition?: "anchor-included" | "anchor-excluded" | "random"; // a prompt's pairs in all languages together, or any rows
  groupsPerBatch?: number;    // 2
  batchesPerStep?: number;    // 1: batches whose gradients are added before the optimiser steps
  nEpochs?: number;           // 1
  seed?: number;
  completeGroupsOnly?: boolean;
}
export interface ExportOptions {
  statuses?: "accepted-and-undecided" | "accepted"; // which rows; other verdicts and rows in conflict never go out
  metadata?: boolean;         // margin, status, method and model in every row, in columns that begin with concord_; true
  threshold?: number | null;  // KTO: a response is good from this score on, and bad below; null takes every chosen one for good
  order?: "session" | "batches";
  batches?: BatchSettings;    // how they are composed
  zip?: boolean;              // with settings for trainers, what the run was, and the rows left out
  parquet?: boolean;          // rows as Parquet and not as lines of JSON
  name?: string;              // hub: the repository, such as "you/pairs"
  licence?: string;           // hub: such as "cc-by-4.0"
}
export interface Concord {
  ready: Promise<Environment>;
  starterPrompts(): Promise<Prompt[]>;
  practicePrompts(): Promise<Prompt[]>;
  exampleSession(): Promise<Session>; // fetched now
  // A string is "teaching"; "owner/name", "owner/name:Q8_0" or "owner/name/file.gguf" on the Hub; a full address; or a
  // path from the page that begins with "./", "../" or "/". What is fetched by address stays on the device unless keep is false.
  // For a model split by gguf-split, give the address of its first part, or all its parts from disk in any order.
  loadModel(
    source: "teaching" | string | Blob | Blob[] | { url: string; sha256?: string },
    options?: JobOptions & {
      role?: "generator" | "encoder" | "tokenizer"; backend?: "auto" | "webgpu" | "cpu"; keep?: boolean; hub?: string;
      // Responses written at once, 1 to 256, else as many as fit, at most 64; tokens of room for each, else 512 or half of
      // the context. What does not fit is refused with code "does-not-fit" and what would.
      rows?: number; rowTokens?: number;
      // For a base model, whose file has no chat template, or instead of the file's. Where the vocabulary has no tokens for a
      // template's marks, notes say so. An unknown name is refused with the known ones.
      template?: TemplateName;
    },
  ): Promise<ModelInfo>;
  storedModels(): Promise<StoredModel[]>;
  deleteModel(id: string): Promise<StoredModel[]>; // what is left
  tokenize(text: string, options?: { special?: boolean }): Promise<number[]>;
  detokenize(ids: number[]): Promise<string>;
  renderChat(messages: Message[], options?: { thinking?: boolean; date?: "today" | string }): Promise<string>;
  // Problems here and below say which characters of the texts the vocabulary cannot write; the model reads the rest.
  generate(
    settings: PromptInput & Sampling & { stop?: string[] }, options?: JobOptions,
  ): Promise<Generated[] & { problems: string[] }>;
  score(
    settings: PromptInput & { completion: string; date?: "today" | string },
  ): Promise<{ tokens: number[]; logprobs: number[]; problems: string[] }>;
  logits(tokens: number[]): Promise<Float32Array>;
  // By the encoder where one is loaded and neither layer nor pooling is given, else by states of the generator.
  embed(
    texts: string[],
    options?: {
      role?: "generator" | "encoder"; layer?: number; pooling?: "mean" | "first" | "last";
      kind?: "similar" | "query" | "passage";
    },
  ): Promise<Float32Array[] & { problems: string[] }>;
  unloadModel(role?: "generator" | "encoder" | "tokenizer"): Promise<void>;
  // With `server`, a server with an OpenAI-compatible API makes the responses (docs/clusters.md), by its first model unless one
  // is named; then nothing has compared them yet, and the session has no pairs: `select` picks among responses to math prompts.
  build(
    settings: { prompts: Prompt[]; finished?: SessionResponse[] } & Partial<SessionConfig>,
    options?: JobOptions & { server?: { address: string; key?: string; model?: string } },
  ): Promise<Session & { problems: string[] }>;
  // Makes responses that were cut short again with a higher limit, twice the old one unless maxTokens says otherwise. Whole ones
  // stay, and so do decisions about pairs that did not change. Refused unless the session's own model is loaded.
  rerunCut(session: Session, options?: JobOptions & { maxTokens?: number }): Promise<Session & { problems: string[] }>;
  // Asks the loaded model about the session's responses; kinds not asked for stay empty. Layers are for "chat" and "plain";
  // without them it is every layer, 0 being the embedding.
  measure(
    session: Session,
    options: JobOptions & { kinds: MeasureKind[]; layers?: number[] },
  ): Promise<{ measurements: Measurements; translated: SessionResponse[]; problems: string[] }>;
  // Picks again from the session's responses, without a model; what config leaves out stays as in the session.
  select(session: Session, config?: Partial<SessionConfig>): Promise<{ references: Reference[]; pairs: Pair[] }>;
  // How far the people in the session's log agree with the method, with each other and with themselves, without a model.
  agreement(session: Session): Promise<AgreementReport>;
  // JSON, JSON Lines, CSV or TSV; a column for each language (id, answer, en, de), a row for each (id, language, text), or
  // texts under "text". Rows count from 1: lines of JSON Lines as they are, records of a table without the header; row 0 is
  // the file. Without a row that can be used it is an error. Give spellings and promptSet on to build, for exports to write them.
  // What the mapping leaves out is guessed. Rows joined by their places alone must look parallel unless the mapping says
  // join: "order".
  importPrompts(
    files: Blob | Blob[], options?: { anchor?: Language; mapping?: Mapping },
  ): Promise<{
    prompts: Prompt[]; problems: ImportProblem[]; spellings: Record<Language, string>; mapping: Mapping; files: FilePreview[];
    verdict: Verdict; promptSet: PromptSource;
  }>;
  // Responses that exist already, as a session without a run; without pairs, but for files that have them (docs/formats.md). They are joined to
  // `prompts`, or to prompts made of the files where none are given. Their answers are read and their languages detected.
  // Rows that cannot be joined are problems that are left out; without a response that can be used it is an error.
  // The zip of a job's folder, or its job.json, prompts.jsonl and results, become the job's session (docs/clusters.md); `said` is
  // what came of them, and `missing` the requests of what did not come, as lines. With `session`, an earlier session of the job, they are
  // added to it: its decisions stay, and so does every response that it has; its pairs are to be picked again.
  importResponses(
    files: Blob | Blob[], options?: { anchor?: Language; mapping?: ResponseMapping; prompts?: Prompt[]; session?: Session },
  ): Promise<{
    session: Session; prompts: Prompt[]; problems: ImportProblem[]; spellings: Record<Language, string>; mapping: ResponseMapping;
    files: FilePreview[]; said: string[]; missing: string;
  }>;
  // The folder of a job that runs prompts on a server or a cluster, as a zip (docs/clusters.md).
  handOff(
    prompts: Prompt[],
    options: {
      model: string;
      server?: "vllm" | "llama-server" | "openai" | "other";
      logprobs?: boolean; // false for servers and models that refuse to give log-probs
      config?: Partial<SessionConfig>;
    },
  ): Promise<Blob & { name: string }>;
  // The final answer of a text, by the rules of docs/answers.md; at once, without a model; null where there is none.
  extractAnswer(text: string, language: Language): ExtractedAnswer | null;
  // The pairs as JSON Lines in the shape of a trainer (docs/formats.md); "hub" and `zip` give a zip. Problems are rows left
  // out and warnings about the file, such as how many of its responses were cut.
  exportPairs(session: Session, format: ExportFormat, options?: ExportOptions): Promise<Blob & { name: string; problems: RowProblem[] }>;
  // The session as a zip archive (docs/formats.md), and a session of an archive or a JSON file.
  saveSession(session: Session): Promise<Blob>;
  openSession(file: Blob): Promise<Session>;
  counters(): Promise<Counters>;
  resetCounters(): Promise<void>;
}

declare global {
  interface Window { concord: Concord }
}
