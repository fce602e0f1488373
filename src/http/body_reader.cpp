#include "http/body_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/text.hpp"

namespace vis::http {
namespace {

/// Of one chunk-size line with its extensions, and of all trailers together.
constexpr std::size_t kCodingLineBytes = 1024;

std::unexpected<Refusal> refuse(unsigned status, std::string_view reason) {
  return std::unexpected(Refusal{status, reason});
}
std::unexpected<Refusal> too_large() { return refuse(413, "request body too large"); }
std::unexpected<Refusal> bad_chunk() { return refuse(400, "bad chunked body"); }

}  // namespace

BodyReader::BodyReader(const RequestHead& head, std::size_t bytes_max)
    : state_(head.chunked      ? State::ChunkSize
             : head.has_body() ? State::Data
                               : State::Done),
      left_(head.content_length.value_or(0)),
      bytes_max_(bytes_max) {}

std::expected<std::size_t, Refusal> BodyReader::feed(std::string_view input, std::string& body) {
  const std::size_t offered = input.size();
  while (!done() && !input.empty()) {
    const bool is_data = state_ == State::Data || state_ == State::ChunkData;
    auto taken = is_data ? take_data(input, body) : take_line_of_coding(input);
    if (!taken) return std::unexpected(taken.error());
  }
  return offered - input.size();
}

std::expected<void, Refusal> BodyReader::take_data(std::string_view& input, std::string& body) {
  if (left_ > bytes_max_ - std::min(bytes_max_, body.size())) return too_large();
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  body.append(input.substr(0, count));
  input.remove_prefix(count);
  left_ -= count;
  if (left_ == 0) state_ = state_ == State::Data ? State::Done : State::ChunkEnd;
  return {};
}

std::expected<void, Refusal> BodyReader::take_line_of_coding(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const bool complete = end != std::string_view::npos;
  const std::string_view piece = input.substr(0, complete ? end + 1 : end);
  if (line_.size() + piece.size() > kCodingLineBytes) return bad_chunk();
  line_.append(piece);
  input.remove_prefix(piece.size());
  if (!complete) return {};
  if (!line_.ends_with("\r\n")) return bad_chunk();
  line_.resize(line_.size() - 2);
  auto taken = on_line();
  line_.clear();
  return taken;
}

std::expected<void, Refusal> BodyReader::on_line() {
  if (state_ == State::ChunkSize) return on_chunk_size();
  if (state_ == State::ChunkEnd) {
    if (!line_.empty()) return bad_chunk();
    state_ = State::ChunkSize;
    return {};
  }
  trailer_bytes_ += line_.size();
  if (trailer_bytes_ > kCodingLineBytes) return bad_chunk();
  if (line_.empty()) state_ = State::Done;
  return {};
}

std::expected<void, Refusal> BodyReader::on_chunk_size() {
  std::string_view rest = line_;
  const std::string_view digits = trim(take_until(rest, ';'));
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, left_, 16);
  if (error == std::errc::result_out_of_range) return too_large();
  if (error != std::errc{} || stop != end) return bad_chunk();
  state_ = left_ == 0 ? State::Trailer : State::ChunkData;
  return {};
}

}  // namespace vis::http
