//! Words that are not the snippet's own names: keywords, and what the languages bring along. The lists are ours.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::CodeLanguage;

/// Words of the language itself; never a name.
pub(super) fn is_keyword(language: CodeLanguage, word: &str) -> bool {
    is_in(language as usize, word)
}

/// Functions, types and modules that are there without a declaration; a snippet may use one as a name of its own.
pub(super) fn is_built_in(language: CodeLanguage, word: &str) -> bool {
    is_in(N_LANGUAGES + language as usize, word)
}

/// Members that stay what they are after a dot even where the snippet has a name like it.
pub(super) fn is_known_member(word: &str) -> bool {
    is_in(2 * N_LANGUAGES, word)
}

const N_LANGUAGES: usize = 5;

/// Keywords and then built-ins, each in the order of [`CodeLanguage`]; members.
const LISTS: [&str; 2 * N_LANGUAGES + 1] = [
    PYTHON,
    JAVASCRIPT,
    RUST,
    C_LIKE,
    OTHER,
    PYTHON_BUILT_IN,
    JAVASCRIPT_BUILT_IN,
    RUST_BUILT_IN,
    C_LIKE_BUILT_IN,
    C_LIKE_BUILT_IN,
    MEMBERS,
];

/// The lists in which each word stands, as bits.
static WORDS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for (i, list) in LISTS.iter().enumerate() {
        for word in list.split_whitespace() {
            *table.entry(word).or_insert(0) |= 1 << i;
        }
    }
    table
});

fn is_in(list: usize, word: &str) -> bool {
    WORDS.get(word).is_some_and(|lists| lists & (1 << list) != 0)
}

const PYTHON: &str = "and as assert async await break case class continue def del elif else except False finally \
    for from global if import in is lambda match None nonlocal not or pass raise return True try while with yield self cls";

const JAVASCRIPT: &str = "as async await break case catch class const continue debugger default delete do else enum \
    export extends false finally for from function get if implements import in instanceof interface let new null of \
    private public readonly return set static super switch this throw true try type typeof undefined var void while yield";

const RUST: &str = "as async await break const continue crate dyn else enum extern false fn for if impl in let loop \
    match mod move mut pub ref return self Self static struct super trait true type unsafe use where while";

const C_LIKE: &str = "abstract and as auto bool boolean break byte case catch char class const continue default defer do \
    double else enum extends extern false final finally float for foreach from func fun function go goto if impl \
    implements import in instanceof int interface is let long map match mut namespace new nil not null nullptr or \
    override package private protected public range return select short signed sizeof static string struct super switch \
    template this throw throws true try type typedef union unsigned using val var virtual void volatile when where while yield";

const OTHER: &str = "and as async await begin break case catch class const continue def do done echo elif else elsif end \
    esac except false False fi finally for fn foreach from function global if import in is lambda let local loop match module \
    new next nil None not null or pass raise redo rescue return self super then this throw true True try undef unless \
    until var when while with yield";

const PYTHON_BUILT_IN: &str = "abs all any bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate \
    eval Exception exec filter float format frozenset getattr hasattr hash hex id IndexError input int isinstance issubclass \
    iter KeyError len list map max min next NotImplementedError object oct open ord pow print property range repr reversed \
    round RuntimeError set setattr slice sorted staticmethod StopIteration str sum super tuple type TypeError ValueError \
    ZeroDivisionError zip __init__ __len__ __main__ __name__ __repr__ __str__ __eq__ __iter__ __next__ __getitem__ \
    List Dict Optional Tuple Set Union Any Callable Iterable";

const JAVASCRIPT_BUILT_IN: &str = "Array BigInt Boolean Date Error Infinity JSON Map Math NaN Number Object Promise Proxy \
    RangeError RegExp Set String Symbol TypeError WeakMap WeakSet any arguments boolean clearTimeout console constructor \
    decodeURIComponent document encodeURIComponent fetch globalThis isFinite isNaN module never number parseFloat parseInt \
    process require setInterval setTimeout string structuredClone unknown window";

const RUST_BUILT_IN: &str = "i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char str String Vec Option Some \
    None Result Ok Err Box Rc Arc RefCell Cell HashMap HashSet BTreeMap BTreeSet VecDeque BinaryHeap Iterator IntoIterator \
    FromIterator Clone Copy Debug Default PartialEq Eq PartialOrd Ord Hash Display From Into Fn FnMut FnOnce Ordering \
    std core alloc main new drop assert assert_eq assert_ne dbg eprintln format matches panic print println todo \
    unimplemented unreachable vec write writeln derive inline test cfg";

const C_LIKE_BUILT_IN: &str = "main printf scanf malloc free sizeof strlen strcmp size_t int8_t int32_t int64_t uint8_t \
    uint32_t uint64_t std cout cin endl vector string String System out println print Integer List ArrayList Map HashMap Math \
    Object Console WriteLine fmt Println len append make error require include puts gets print input";

const MEMBERS: &str = "abs add all and_then any append apply as_str at bind ceil chars charAt charCodeAt clear clone cloned \
    collect concat contains copied copy count decode each encode endsWith ends_with entries entry enumerate error every \
    extend filter filter_map find findIndex find_map first flat flatMap flat_map floor fold forEach format from fromEntries get \
    get_mut has includes index indexOf insert into into_iter is_empty is_none is_some isalnum isalpha isdigit items iter \
    iter_mut join keys last lastIndexOf len length lines log lower map match max min new next nth ok or_default or_insert \
    parse peekable pop popleft position pow product push push_str puts range reduce remove repeat replace replaceAll reverse \
    rev round set shift size skip slice some sort sort_by sort_by_key sort_unstable sorted splice split split_whitespace sqrt \
    startsWith starts_with step_by stringify strip substring sum swap take test then title toFixed toLowerCase toString \
    toUpperCase to_lowercase to_owned to_string to_uppercase trim trunc unshift unwrap unwrap_or unwrap_or_default update \
    upper values windows with_capacity zip";
