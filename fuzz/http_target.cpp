// Bytes of any client: every parser of src/http stays inside them, means the same however they are
// split, and accepts nothing beyond its limits.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/limits/http.hpp"
#include "http/body_reader.hpp"
#include "http/json.hpp"
#include "http/parameters.hpp"
#include "http/request_head.hpp"
#include "http/websocket_frame.hpp"

namespace {

using namespace vis::http;

constexpr std::size_t kBytesMax = 4096;

void read_form(std::string_view input) {
  const auto form = parse_form(input);
  if (!form) return;
  VIS_ASSERT(form->size() <= vis::limits::kHttpParameters);
  std::string text;
  for (const auto& [name, value] : *form) {
    text.append(percent_encode(name)).append("=").append(percent_encode(value)).append("&");
  }
  const auto again = parse_form(text);
  VIS_ASSERT(again && std::ranges::equal(*form, *again));
}

void read_path(std::string_view input) {
  const auto path = parse_path(input);
  if (!path) return;
  VIS_ASSERT(path->segments.size() <= vis::limits::kHttpPathSegments);
  std::string text;
  for (const std::string& segment : path->segments) {
    VIS_ASSERT(segment != "." && segment != "..");
    text.append("/").append(percent_encode(segment));
  }
  // Empty segments at the start would be taken for repeated slashes.
  if (path->segments.front().empty()) return;
  VIS_ASSERT(parse_path(text)->segments == path->segments);
}

void read_json(std::string_view input) {
  const auto value = parse_json(input);
  if (!value) return;
  VIS_ASSERT(parse_json(boost::json::serialize(*value)).has_value());
}

/// The body and how it ended, when fed in pieces of `step` bytes.
std::string read_body(const RequestHead& head, std::string_view input, std::size_t step) {
  BodyReader reader(head, kBytesMax);
  std::string body;
  while (!reader.done() && !input.empty()) {
    const auto consumed = reader.feed(input.substr(0, step), body);
    if (!consumed) return std::to_string(consumed.error().status);
    input.remove_prefix(*consumed);
  }
  VIS_ASSERT(body.size() <= kBytesMax);
  return reader.done() ? body + " done" : body + " open";
}

void read_request(std::string_view input) {
  HeadFinder finder(kBytesMax);
  const auto size = finder.find(input);
  if (!size || !*size) return;
  const auto head = RequestHead::parse(input.substr(0, **size));
  if (!head) return;
  VIS_ASSERT(head->headers.size() <= vis::limits::kHttpHeaderFields);
  VIS_ASSERT(!(head->chunked && head->content_length));
  const std::string_view rest = input.substr(**size);
  VIS_ASSERT(read_body(*head, rest, 1) == read_body(*head, rest, rest.size()));
}

/// What the frames say and how they ended, when fed in pieces of `step` bytes.
std::string read_frames(std::string_view input, std::size_t step) {
  FrameDecoder decoder(kBytesMax, true);
  std::string said;
  while (!input.empty()) {
    std::string_view piece = input.substr(0, step);
    input.remove_prefix(piece.size());
    while (true) {
      const auto event = decoder.next(piece);
      if (!event) return said + "violation " + std::to_string(int(event.error().code));
      if (!*event) break;
      said += std::to_string((*event)->index());
      if (const auto* message = std::get_if<WebSocketMessage>(&**event)) {
        VIS_ASSERT(message->data.size() <= kBytesMax);
        said += message->data;
      }
    }
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = vis::as_text({data, size});
  read_form(input);
  read_path(input);
  read_json(input);
  read_request(input);
  RequestHead chunked;
  chunked.chunked = true;
  VIS_ASSERT(read_body(chunked, input, 1) == read_body(chunked, input, size));
  VIS_ASSERT(read_frames(input, 1) == read_frames(input, size));
  return 0;
}
