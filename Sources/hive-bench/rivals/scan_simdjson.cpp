// The scanner's rival: simdjson's DOM parser and the checks that hive makes of a line (frame
// checks, G0 to G7, and the traceparent of G9), on a whole board in memory, one thread.
//
//     scan_simdjson BOARD [PASSES [VERDICTS]]
//
// Prints lines, accepted, the seconds of the best of PASSES (5) and lines a second; writes a byte
// for each line to VERDICTS ('1' accepted, '0' not).
//
// Fair play: built with -O2 -DNDEBUG and no -march, for simdjson chooses its kernel for this
// processor at run time. One parser is reused, no line allocates, and a small object's keys are
// compared pairwise. What simdjson finds by itself (UTF-8, lone surrogates, NUL, syntax, trailing
// data) is not checked again.
//
// Where it is more lenient or stricter than hive, on lines that the corpus does not hold: numbers
// beyond a double or an uint64 are refused, envelopes and tracestate are not looked at.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;
using std::string_view;

constexpr int nesting_max = 64;
constexpr int64_t generation_min = 87;
// Up to here comparing every pair of keys beats sorting them.
constexpr size_t pairwise_keys_max = 16;

// The keys of the object looked at, below them those of the objects around it.
std::vector<string_view> key_stack;

inline bool has_unique_keys(size_t first) {
  const size_t count = key_stack.size() - first;
  string_view *keys = key_stack.data() + first;
  if (count > pairwise_keys_max) {
    std::sort(keys, keys + count);
    return std::adjacent_find(keys, keys + count) == keys + count;
  }
  for (size_t i = 1; i < count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (keys[i] == keys[j]) return false;
    }
  }
  return true;
}

// F2 below the top: nesting of 64 at most, no key twice in any object.
bool is_sound(element value, int depth) {
  if (value.is_object()) {
    if (depth > nesting_max) return false;
    const size_t first = key_stack.size();
    bool sound = true;
    for (auto member : object(value)) {
      key_stack.push_back(member.key);
      if (!(sound = is_sound(member.value, depth + 1))) break;
    }
    sound = sound && has_unique_keys(first);
    key_stack.resize(first);
    return sound;
  }
  if (value.is_array()) {
    if (depth > nesting_max) return false;
    for (element item : array(value)) {
      if (!is_sound(item, depth + 1)) return false;
    }
  }
  return true;
}

// Two digits, or -1.
inline int two_digits(const char *text) {
  const unsigned tens = unsigned(text[0]) - '0', units = unsigned(text[1]) - '0';
  return tens > 9 || units > 9 ? -1 : int(tens * 10 + units);
}

// RFC 3339 §5.6, on a real calendar date; second 60 is let through.
inline bool is_timestamp(string_view text) {
  if (text.size() < 20) return false;
  const char *at = text.data(), *end = at + text.size();
  const int century = two_digits(at), year_of_century = two_digits(at + 2);
  const int month = two_digits(at + 5), day = two_digits(at + 8);
  const int hour = two_digits(at + 11), minute = two_digits(at + 14), second = two_digits(at + 17);
  if (at[4] != '-' || at[7] != '-' || (at[10] | 0x20) != 't' || at[13] != ':' || at[16] != ':')
    return false;
  if (century < 0 || year_of_century < 0 || month < 1 || month > 12 || day < 1) return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = century * 100 + year_of_century;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > days[month - 1] + (month == 2 && leap)) return false;
  at += 19;
  if (*at == '.') {
    const char *fraction = ++at;
    while (at < end && unsigned(*at) - '0' <= 9) at++;
    if (at == fraction) return false;
  }
  if (at == end) return false;
  if ((*at | 0x20) == 'z') return at + 1 == end;
  if ((*at != '+' && *at != '-') || end - at != 6 || at[3] != ':') return false;
  const int offset_hour = two_digits(at + 1), offset_minute = two_digits(at + 4);
  return offset_hour >= 0 && offset_hour <= 23 && offset_minute >= 0 && offset_minute <= 59;
}

// Unicode White_Space; the text is valid UTF-8.
bool is_blank(string_view text) {
  const auto *at = reinterpret_cast<const unsigned char *>(text.data());
  const auto *end = at + text.size();
  while (at < end) {
    if (*at == ' ' || (*at >= 9 && *at <= 13)) {
      at += 1;
    } else if (*at == 0xC2 && (at[1] == 0x85 || at[1] == 0xA0)) {
      at += 2;
    } else if (*at >= 0xE1 && *at <= 0xE3) {
      const unsigned scalar = (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
      const bool white = scalar == 0x1680 || (scalar >= 0x2000 && scalar <= 0x200A) ||
                         scalar == 0x2028 || scalar == 0x2029 || scalar == 0x202F ||
                         scalar == 0x205F || scalar == 0x3000;
      if (!white) return false;
      at += 3;
    } else {
      return false;
    }
  }
  return true;
}

// Lower-case hex digits, not all of them zero.
bool is_identifier(const char *text, int count) {
  bool any = false;
  for (int i = 0; i < count; i++) {
    const char c = text[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    any |= c != '0';
  }
  return any;
}

bool is_hex(const char *text) {
  return is_identifier(text, 2) || (text[0] == '0' && text[1] == '0');
}

// W3C Trace Context: version 00 exactly, a higher one by its forward rule, ff never.
bool is_traceparent(string_view text) {
  if (text.size() < 55 || !is_hex(text.data()) || text.substr(0, 2) == "ff") return false;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  if (text.size() > 55 && (text.substr(0, 2) == "00" || text[55] != '-')) return false;
  return is_identifier(text.data() + 3, 32) && is_identifier(text.data() + 36, 16) &&
         is_hex(text.data() + 53);
}

inline bool is_one_of(string_view word, std::initializer_list<string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The bits of the eight required keys.
enum : unsigned { ts = 1, mark = 2, pull = 4, msg = 8, type = 16, hive = 32, gen = 64, port = 128 };

inline bool is_string(element value, string_view &text) { return !value.get_string().get(text); }

// An int64 or a uint64 in the DOM had neither fraction nor exponent in the text.
inline bool is_integer(element value, int64_t min, int64_t max) {
  int64_t number = 0;
  switch (value.type()) {
  case element_type::INT64:
    return !value.get_int64().get(number) && number >= min && number <= max;
  case element_type::UINT64: // beyond int64
    return max == INT64_MAX;
  default:
    return false;
  }
}

inline bool is_fraction(element value) {
  double number = 0;
  return value.is_number() && !value.get_double().get(number) && number >= 0 && number <= 1;
}

// G0 to G7 and G9 for one member; `seen` gathers the required keys.
inline bool passes_gate(string_view key, element value, unsigned &seen) {
  string_view text;
  switch (key.size()) {
  case 2:
    if (key != "ts") return true;
    seen |= ts;
    return is_string(value, text) && is_timestamp(text);
  case 3:
    if (key == "msg") {
      seen |= msg;
      return is_string(value, text) && !is_blank(text);
    }
    if (key != "gen") return true;
    seen |= gen;
    return is_integer(value, generation_min, INT64_MAX);
  case 4:
    if (key == "mark") {
      seen |= mark;
      return is_fraction(value);
    }
    if (key == "pull") {
      seen |= pull;
      return is_string(value, text) && is_one_of(text, {"downstream", "upstream", "lateral"});
    }
    if (key == "type") {
      seen |= type;
      return is_string(value, text) && is_one_of(text, {"signal", "event", "error", "metric"});
    }
    if (key == "hive") {
      seen |= hive;
      return is_string(value, text) && text.size() == 1 && memchr("HIVEX", text[0], 5);
    }
    if (key != "port") return true;
    seen |= port;
    return is_integer(value, 0, 7);
  case 11:
    if (key != "traceparent" || value.is_null()) return true;
    return is_string(value, text) && is_traceparent(text);
  default:
    return true;
  }
}

// `line` is followed by at least SIMDJSON_PADDING readable bytes.
inline bool is_accepted(simdjson::dom::parser &parser, const char *line, size_t length) {
  // NUL after the LF and CR NUL before it are parts of a UTF-16 line end.
  if (length > 0 && line[0] == '\0') line++, length--;
  if (length > 1 && line[length - 1] == '\0' && line[length - 2] == '\r') length -= 2;
  if (length > 2 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) return false;
  element root;
  if (parser.parse(line, length, false).get(root)) return false;
  object signal;
  if (root.get_object().get(signal)) return false;
  unsigned seen = 0;
  key_stack.clear();
  for (auto member : signal) {
    if (!passes_gate(member.key, member.value, seen)) return false;
    const auto kind = member.value.type();
    if ((kind == element_type::OBJECT || kind == element_type::ARRAY) && !is_sound(member.value, 2))
      return false;
    key_stack.push_back(member.key);
  }
  return seen == 255 && has_unique_keys(0);
}

struct Tally {
  size_t lines = 0, accepted = 0;
};

Tally scan(simdjson::dom::parser &parser, const char *board, size_t length, char *verdicts) {
  Tally tally;
  for (const char *at = board, *end = board + length; at < end;) {
    const char *newline = static_cast<const char *>(memchr(at, '\n', size_t(end - at)));
    if (!newline) break;
    const bool accepted = is_accepted(parser, at, size_t(newline - at));
    tally.accepted += accepted;
    if (verdicts) verdicts[tally.lines] = accepted ? '1' : '0';
    tally.lines++;
    at = newline + 1;
  }
  return tally;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2 || argc > 4) {
    fprintf(stderr, "usage: scan_simdjson BOARD [PASSES [VERDICTS]]\n");
    return 2;
  }
  simdjson::padded_string board;
  if (simdjson::padded_string::load(argv[1]).get(board)) {
    fprintf(stderr, "scan_simdjson: cannot read %s\n", argv[1]);
    return 3;
  }
  simdjson::dom::parser parser;
  // simdjson counts the innermost value as a level of its own.
  if (parser.allocate(1 << 20, nesting_max + 1)) return 3;
  key_stack.reserve(1024);

  const int passes = argc > 2 ? std::max(1, atoi(argv[2])) : 5;
  double best = 1e9;
  Tally tally;
  for (int pass = 0; pass < passes; pass++) {
    const auto start = std::chrono::steady_clock::now();
    tally = scan(parser, board.data(), board.size(), nullptr);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  if (argc > 3) {
    std::vector<char> verdicts(tally.lines);
    scan(parser, board.data(), board.size(), verdicts.data());
    FILE *file = fopen(argv[3], "wb");
    if (!file || fwrite(verdicts.data(), 1, tally.lines, file) != tally.lines || fclose(file)) {
      fprintf(stderr, "scan_simdjson: cannot write %s\n", argv[3]);
      return 3;
    }
  }
  printf("kernel %s\n", simdjson::get_active_implementation()->name().c_str());
  printf("lines %zu\naccepted %zu\nseconds %.6f\nrate %.0f\n", tally.lines, tally.accepted, best,
         double(tally.lines) / best);
  return 0;
}
