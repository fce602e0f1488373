#include "http/websocket_frame.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/encoding.hpp"

namespace vis::http {
namespace {

constexpr std::size_t kControlPayloadBytes = 125;

std::unexpected<Violation> violation(CloseCode code, std::string_view reason) {
  return std::unexpected(Violation{code, reason});
}
std::unexpected<Violation> protocol_error(std::string_view reason) {
  return violation(CloseCode::ProtocolError, reason);
}

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

/// UTF-8, in which U+0000 is a character like any other.
bool is_utf8(std::string_view text) {
  while (true) {
    const std::size_t nul = text.find('\0');
    if (!is_valid_text(text.substr(0, nul))) return false;
    if (nul == std::string_view::npos) return true;
    text.remove_prefix(nul + 1);
  }
}

/// RFC 6455 7.4: what a peer may put into a close frame.
bool may_be_sent(std::uint16_t code) {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::expected<CloseReceived, Violation> parse_close(std::string_view payload) {
  if (payload.empty()) return CloseReceived{};
  ByteReader reader(as_bytes(payload));
  const std::uint16_t code = reader.u16();
  if (!reader.ok() || !may_be_sent(code)) return protocol_error("bad close code");
  if (!is_utf8(payload.substr(2))) return violation(CloseCode::InvalidText, "bad close reason");
  return CloseReceived{CloseCode{code}};
}

}  // namespace

std::string OutgoingFrame::header() const {
  std::array<std::uint8_t, 10> buffer;
  ByteWriter writer(buffer);
  const unsigned first = 0x80U | (compressed ? 0x40U : 0U) | static_cast<unsigned>(opcode);
  writer.u8(static_cast<std::uint8_t>(first));
  if (payload_bytes < 126) {
    writer.u8(static_cast<std::uint8_t>(payload_bytes));
  } else if (payload_bytes <= 0xFFFF) {
    writer.u8(126);
    writer.u16(static_cast<std::uint16_t>(payload_bytes));
  } else {
    writer.u8(127);
    writer.u64(payload_bytes);
  }
  return std::string(as_text(writer.written()));
}

std::string close_payload(CloseCode code, std::string_view reason) {
  if (code == CloseCode::NoStatus) return {};
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload = {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  reason = reason.substr(0, kControlPayloadBytes - payload.size());
  while (!is_utf8(reason)) reason.remove_suffix(1);  // cut a character in half
  return payload.append(reason);
}

std::expected<std::optional<WebSocketEvent>, Violation> FrameDecoder::next(
    std::string_view& input) {
  while (true) {
    if (!in_frame_) {
      if (!take_header(input)) return std::nullopt;
      auto frame = parse_header();
      if (!frame) return std::unexpected(frame.error());
      header_.clear();
      frame_ = *frame;
      in_frame_ = true;
    }
    take_payload(input);
    if (frame_.left > 0) return std::nullopt;
    auto event = finish_frame();
    in_frame_ = false;
    if (!event || *event) return event;
  }
}

/// Whether the whole header is there.
bool FrameDecoder::take_header(std::string_view& input) {
  while (true) {
    std::size_t needed = 2;
    if (header_.size() >= 2) {
      const auto second = static_cast<std::uint8_t>(header_[1]);
      const unsigned length = second & 0x7FU;
      needed += length == 127 ? 8 : length == 126 ? 2 : 0;
      needed += (second & 0x80U) != 0 ? 4 : 0;
    }
    if (header_.size() >= 2 && header_.size() == needed) return true;
    if (input.empty()) return false;
    const std::size_t count = std::min(needed - header_.size(), input.size());
    header_.append(input.substr(0, count));
    input.remove_prefix(count);
  }
}

std::expected<FrameDecoder::Frame, Violation> FrameDecoder::parse_header() {
  ByteReader reader(as_bytes(header_));
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  const auto opcode = static_cast<std::uint8_t>(first & 0x0F);
  const bool compressed = (first & 0x40) != 0;
  if ((first & 0x30) != 0 || !is_known(opcode)) return protocol_error("reserved bit or opcode");
  if ((second & 0x80) == 0) return protocol_error("frame without a mask");

  Frame frame{.final = (first & 0x80) != 0, .opcode = Opcode{opcode}};
  const unsigned length = second & 0x7F;
  frame.left = length == 127 ? reader.u64() : length == 126 ? reader.u16() : length;
  if (length == 126 && frame.left < 126) return protocol_error("length not in shortest form");
  if (length == 127 && frame.left <= 0xFFFF) return protocol_error("length not in shortest form");
  for (std::uint8_t& byte : frame.mask) byte = reader.u8();

  if (is_control(frame.opcode)) {
    if (!frame.final || compressed || frame.left > kControlPayloadBytes) {
      return protocol_error("bad control frame");
    }
    control_.clear();
    return frame;
  }
  if (auto started = start_message(frame, compressed); !started) {
    return std::unexpected(started.error());
  }
  return frame;
}

std::expected<void, Violation> FrameDecoder::start_message(const Frame& frame, bool compressed) {
  const bool continues = frame.opcode == Opcode::Continuation;
  if (continues != in_message_) return protocol_error("fragments out of order");
  if (compressed && (continues || !deflate_)) return protocol_error("reserved bit");
  if (!continues) {
    const bool is_text = frame.opcode == Opcode::Text;
    in_message_ = true;
    message_.kind = is_text ? WebSocketMessage::Kind::Text : WebSocketMessage::Kind::Binary;
    message_.data.clear();
    message_compressed_ = compressed;
  }
  if (frame.left > message_bytes_max_ - message_.data.size()) {
    return violation(CloseCode::TooBig, "message too big");
  }
  return {};
}

void FrameDecoder::take_payload(std::string_view& input) {
  std::string& target = is_control(frame_.opcode) ? control_ : message_.data;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(frame_.left, input.size()));
  const std::size_t start = target.size();
  target.append(input.substr(0, count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t key = frame_.mask[(frame_.mask_offset + i) % 4];
    target[start + i] = static_cast<char>(static_cast<std::uint8_t>(target[start + i]) ^ key);
  }
  frame_.mask_offset = (frame_.mask_offset + count) % 4;
  frame_.left -= count;
  input.remove_prefix(count);
}

std::expected<std::optional<WebSocketEvent>, Violation> FrameDecoder::finish_frame() {
  if (is_control(frame_.opcode)) return finish_control();
  if (!frame_.final) return std::nullopt;
  return finish_message();
}

std::expected<std::optional<WebSocketEvent>, Violation> FrameDecoder::finish_control() {
  if (frame_.opcode == Opcode::Ping) return PingReceived{std::exchange(control_, {})};
  if (frame_.opcode == Opcode::Pong) return PongReceived{};
  auto close = parse_close(control_);
  if (!close) return std::unexpected(close.error());
  return *close;
}

std::expected<std::optional<WebSocketEvent>, Violation> FrameDecoder::finish_message() {
  in_message_ = false;
  WebSocketMessage message = std::exchange(message_, {});
  if (message_compressed_) {
    auto inflated = inflater_.inflate(message.data, message_bytes_max_);
    if (!inflated) {
      return inflated.error().code == Errc::LimitExceeded
                 ? violation(CloseCode::TooBig, "message too big once inflated")
                 : protocol_error("bad compressed data");
    }
    message.data = std::move(*inflated);
  }
  if (message.kind == WebSocketMessage::Kind::Text && !is_utf8(message.data)) {
    return violation(CloseCode::InvalidText, "text is not UTF-8");
  }
  return message;
}

}  // namespace vis::http
