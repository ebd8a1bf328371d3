package code

// A language is what the scanner must know of one.
type language struct {
	lineComments  []string    // begin one that the line ends
	blockComments [][2]string // begin and end one
	quotes        []quote     // the longer first
	words         map[string]Class
	caseless      bool           // words are
	inNames       string         // signs that names may have, besides _
	signs         map[byte]Class // signs before a name that make the two something
	setBy         byte           // the sign behind a name that is set, beside it
	keys          bool           // a string before a colon names something
}

// A quote is how a string begins and ends.
type quote struct {
	begin, end string
	lines      bool // it may go over lines
	raw        bool // \ is a character of it
}

var (
	double   = quote{begin: `"`, end: `"`}
	single   = quote{begin: `'`, end: `'`}
	back     = quote{begin: "`", end: "`", lines: true}
	backRaw  = quote{begin: "`", end: "`", lines: true, raw: true}
	double3  = quote{begin: `"""`, end: `"""`, lines: true}
	single3  = quote{begin: `'''`, end: `'''`, lines: true}
	doubleML = quote{begin: `"`, end: `"`, lines: true}
	singleML = quote{begin: `'`, end: `'`, lines: true}
	rawML    = quote{begin: `'`, end: `'`, lines: true, raw: true}

	slashes  = []string{"//"}
	hashes   = []string{"#"}
	starred  = [][2]string{{"/*", "*/"}}
	asBefore = map[byte]Class{'#': Keyword}
	asTitle  = map[byte]Class{'@': Name}
)

// described are the languages: their names in a fence, and what they are.
var described = []struct {
	names, keywords, values string
	language
}{
	{
		names:    "go golang",
		keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var any bool byte complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr",
		values:   "true false nil iota",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double, single, backRaw}},
	},
	{
		names:    "js javascript mjs jsx ts typescript tsx",
		keywords: "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in instanceof interface keyof let namespace never new number of private protected public readonly return satisfies set static string super switch symbol this throw try type typeof unknown var void while with yield",
		values:   "true false null undefined NaN Infinity",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double, single, back}, inNames: "$", signs: asTitle},
	},
	{
		names:    "py python python3",
		keywords: "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
		values:   "True False None self cls",
		language: language{lineComments: hashes, quotes: []quote{double3, single3, double, single}, signs: asTitle},
	},
	{
		names:    "java kt kotlin scala groovy",
		keywords: "abstract as assert boolean break byte case catch char class companion const continue data def default do double else enum extends final finally float for fun given if implements implicit import in instanceof int interface internal is lateinit lazy long match native new object open operator out override package private protected public record return sealed short static suspend super switch synchronized this throw throws trait transient try type val var void volatile when while with yield",
		values:   "true false null",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double3, double, single}, signs: asTitle},
	},
	{
		names:    "c h cpp c++ cc cxx hpp objc arduino",
		keywords: "alignas alignof auto bool break case catch char class concept const consteval constexpr constinit continue decltype default delete do double else enum explicit export extern final float for friend goto if inline int long mutable namespace new noexcept operator override private protected public register requires return short signed sizeof static static_assert struct switch template this thread_local throw try typedef typeid typename union unsigned using virtual void volatile wchar_t while int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t size_t",
		values:   "true false nullptr NULL",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double, single}, signs: asBefore},
	},
	{
		names:    "cs csharp c#",
		keywords: "abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern finally fixed float for foreach get goto if implicit in init int interface internal is lock long namespace new object operator out override params partial private protected public readonly record ref required return sbyte sealed set short sizeof static string struct switch this throw try typeof uint ulong unchecked unsafe ushort using var virtual void volatile when where while with yield",
		values:   "true false null",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double3, double, single}, signs: asBefore},
	},
	{
		names:    "rs rust",
		keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct super trait type union unsafe use where while bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize",
		values:   "true false self Self None Some Ok Err",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{doubleML, {begin: `'\`, end: `'`}, {begin: `b'`, end: `'`}}},
	},
	{
		names:    "rb ruby",
		keywords: "alias and begin break case class def defined? do else elsif end ensure for if in include loop module next not or private protected public raise redo require rescue retry return super then undef unless until when while yield attr_accessor attr_reader attr_writer",
		values:   "true false nil self",
		language: language{lineComments: hashes, quotes: []quote{double, single, back}, inNames: "?!", signs: map[byte]Class{'@': Number, ':': Number}},
	},
	{
		names:    "php",
		keywords: "abstract and array as break case catch class clone const continue declare default do echo else elseif enum extends final finally fn for foreach function global if implements include instanceof insteadof interface isset list match namespace new or print private protected public readonly require require_once return static switch throw trait try unset use var while xor yield bool float int string void mixed",
		values:   "true false null self parent TRUE FALSE NULL",
		language: language{lineComments: []string{"//", "#"}, blockComments: starred, quotes: []quote{doubleML, singleML}},
	},
	{
		names:    "swift dart",
		keywords: "Any abstract actor as associatedtype async await break case catch class const continue convenience default defer deinit do dynamic else enum export extends extension factory fallthrough fileprivate final for func get guard if implements import in indirect init inout internal is late lazy let library mixin mutating new nonisolated open operator override part private protocol public required rethrows return set some static struct subscript super switch this throw throws try typealias var void weak where while with yield Bool Double Float Int String",
		values:   "true false nil null self Self",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double3, single3, double, single}, signs: asTitle},
	},
	{
		names:    "sh bash zsh shell console fish",
		keywords: "alias case cd declare do done echo elif else esac eval exec exit export fi for function if in local printf read readonly return select set shift source test then trap unset until while",
		values:   "true false",
		language: language{lineComments: hashes, quotes: []quote{doubleML, rawML}, inNames: "-", signs: map[byte]Class{'$': Number}},
	},
	{
		names:    "ps1 powershell pwsh",
		keywords: "begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for foreach from function if in param process return switch throw trap try until using while",
		language: language{lineComments: hashes, blockComments: [][2]string{{"<#", "#>"}}, quotes: []quote{double, single}, caseless: true, inNames: "-", signs: map[byte]Class{'$': Number}},
	},
	{
		names:    "sql mysql postgres postgresql psql sqlite",
		keywords: "add all alter and any as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end except exists explain foreign from full function grant group having if in index inner insert intersect into is join key lateral left like limit materialized natural not offset on or order outer over partition primary references returning revoke right rollback row rows select set table then to transaction trigger union unique update using values view when where window with bigint boolean char date decimal double float int integer interval json jsonb numeric real serial smallint text time timestamp timestamptz uuid varchar",
		values:   "true false null",
		language: language{lineComments: []string{"--"}, blockComments: starred, quotes: []quote{single, double}, caseless: true},
	},
	{
		names:    "json json5 jsonc",
		values:   "true false null",
		language: language{lineComments: slashes, blockComments: starred, quotes: []quote{double, single}, keys: true, setBy: ':'},
	},
	{
		names:    "yaml yml",
		values:   "true false null yes no on off",
		language: language{lineComments: hashes, quotes: []quote{double, single}, inNames: "-./", setBy: ':', keys: true},
	},
	{
		names:    "toml ini conf properties env dotenv",
		values:   "true false yes no on off",
		language: language{lineComments: []string{"#", ";"}, quotes: []quote{double3, single3, double, single}, inNames: "-.", setBy: '='},
	},
	{
		names:    "css scss less sass",
		keywords: "important inherit initial unset none auto",
		language: language{lineComments: []string{"// "}, blockComments: starred, quotes: []quote{double, single}, inNames: "-", setBy: ':', signs: map[byte]Class{'@': Keyword, '#': Number, '.': Keyword, '$': Name}},
	},
	{
		names:    "lua",
		keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
		values:   "true false nil self",
		language: language{lineComments: []string{"--"}, blockComments: [][2]string{{"--[[", "]]"}}, quotes: []quote{double, single, {begin: "[[", end: "]]", lines: true, raw: true}}},
	},
	{
		names:    "hs haskell elm purescript",
		keywords: "as case class data deriving do else forall foreign hiding if import in infix infixl infixr instance let mdo module newtype of proc qualified rec then type where",
		values:   "True False Nothing Just",
		language: language{lineComments: []string{"-- "}, blockComments: [][2]string{{"{-", "-}"}}, quotes: []quote{double}, inNames: "'"},
	},
	{
		names:    "ex exs elixir erl erlang",
		keywords: "after and case catch cond def defguard defimpl defmacro defmodule defp defprotocol defstruct do else end fn for if import in not or quote raise receive require rescue try unless unquote use when with",
		values:   "true false nil",
		language: language{lineComments: []string{"#", "%"}, quotes: []quote{double3, double, single}, inNames: "?!", signs: map[byte]Class{'@': Name, ':': Number}},
	},
	{
		names:    "pl perl r",
		keywords: "and break each else elsif for foreach function given if in last local my next no not or our package print push repeat require return say sub undef unless until use while",
		values:   "TRUE FALSE NULL NA NaN Inf",
		language: language{lineComments: hashes, quotes: []quote{double, single}, inNames: "."},
	},
	{
		names:    "lisp clj clojure scheme elisp racket",
		keywords: "and assoc begin case cond def defmacro defn defun defvar do else fn for if lambda let letfn let* loop ns or quote recur require set! setq unless use when",
		values:   "true false nil t",
		language: language{lineComments: []string{";"}, quotes: []quote{doubleML}, inNames: "-?!*+<>=/", signs: map[byte]Class{':': Number}},
	},
	{
		names:    "zig nim v odin",
		keywords: "and anyerror anytype asm async await break case catch comptime const continue defer elif else enum errdefer error export extern fn for func if import in inline let mut object of orelse or packed proc pub raise resume return ref struct suspend switch template test threadlocal try type union unreachable var volatile when while bool f32 f64 i8 i16 i32 i64 int isize string u8 u16 u32 u64 usize void",
		values:   "true false nil null undefined",
		language: language{lineComments: []string{"//", "# "}, quotes: []quote{double3, double, single}, signs: asTitle},
	},
	{
		names:    "docker dockerfile make makefile mk nginx hcl terraform tf",
		keywords: "add arg cmd copy entrypoint env expose from healthcheck label onbuild run shell stopsignal user volume workdir ifeq ifneq ifdef endif else include define endef resource variable output module provider data locals server location upstream listen",
		values:   "true false null on off",
		language: language{lineComments: hashes, quotes: []quote{double, single}, caseless: true, inNames: "-", signs: map[byte]Class{'$': Number}},
	},
}
