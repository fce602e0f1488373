#include "media/sdp/attributes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits/media_sdp.hpp"
#include "media/sdp/text.hpp"

namespace vis::media::sdp {
namespace {

constexpr bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (text::to_lower(c) >= 'a' && text::to_lower(c) <= 'f');
}

/// Two hexadecimal digits, then any number of times a colon and two more.
bool is_colon_hex(std::string_view value) {
  if (value.size() % 3 != 2) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i % 3 == 2 ? value[i] != ':' : !is_hex(value[i])) return false;
  }
  return true;
}

std::optional<SimulcastStreams> parse_streams(std::string_view list) {
  SimulcastStreams streams;
  while (!list.empty()) {
    std::string_view alternatives = text::next_word(list, ';');
    auto& stream = streams.emplace_back();
    while (!alternatives.empty()) {
      std::string_view rid = text::next_word(alternatives, ',');
      const bool paused = rid.starts_with('~');
      if (paused) rid.remove_prefix(1);
      if (!text::is_token(rid) || stream.size() == limits::kSdpRepeats) return std::nullopt;
      stream.push_back({std::string(rid), paused});
    }
    if (stream.empty() || streams.size() > limits::kSdpRepeats) return std::nullopt;
  }
  return streams;
}

std::string streams_text(const SimulcastStreams& streams) {
  std::string text;
  for (const auto& alternatives : streams) {
    if (!text.empty()) text += ';';
    for (std::size_t i = 0; i < alternatives.size(); ++i) {
      if (i > 0) text += ',';
      if (alternatives[i].paused) text += '~';
      text += alternatives[i].id;
    }
  }
  return text;
}

}  // namespace

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::SendRecv: return "sendrecv";
    case Direction::SendOnly: return "sendonly";
    case Direction::RecvOnly: return "recvonly";
    case Direction::Inactive: return "inactive";
  }
  std::unreachable();
}

std::optional<Direction> parse_direction(std::string_view text) {
  for (const Direction direction :
       {Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive}) {
    if (text == to_string(direction)) return direction;
  }
  return std::nullopt;
}

Direction reversed(Direction direction) {
  switch (direction) {
    case Direction::SendOnly: return Direction::RecvOnly;
    case Direction::RecvOnly: return Direction::SendOnly;
    case Direction::SendRecv:
    case Direction::Inactive: return direction;
  }
  std::unreachable();
}

std::string_view to_string(Setup setup) {
  switch (setup) {
    case Setup::ActPass: return "actpass";
    case Setup::Active: return "active";
    case Setup::Passive: return "passive";
    case Setup::HoldConn: return "holdconn";
  }
  std::unreachable();
}

std::optional<Setup> parse_setup(std::string_view text) {
  for (const Setup setup : {Setup::ActPass, Setup::Active, Setup::Passive, Setup::HoldConn}) {
    if (text == to_string(setup)) return setup;
  }
  return std::nullopt;
}

std::optional<Fingerprint> Fingerprint::parse(std::string_view text) {
  const std::string_view hash = text::next_word(text);
  const std::string_view value = text::trim(text);
  if (!text::is_token(hash) || !is_colon_hex(value)) return std::nullopt;
  Fingerprint fingerprint{std::string(hash), std::string(value)};
  std::ranges::transform(fingerprint.hash, fingerprint.hash.begin(), text::to_lower);
  std::ranges::transform(fingerprint.value, fingerprint.value.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return fingerprint;
}

std::string Fingerprint::to_text() const { return hash + ' ' + value; }

std::optional<Extmap> Extmap::parse(std::string_view text) {
  const auto [digits, direction_text] = text::split_once(text::next_word(text), '/');
  const std::string_view uri = text::next_word(text);
  const auto id = text::number<std::uint8_t>(digits);
  const auto direction =
      direction_text.empty() ? Direction::SendRecv : parse_direction(direction_text);
  if (!id || *id == 0 || *id == 15 || !direction || !text::is_visible(uri)) return std::nullopt;
  return Extmap{*id, *direction, std::string(uri)};
}

std::string Extmap::to_text() const {
  std::string text = std::to_string(id);
  if (direction != Direction::SendRecv) text += '/' + std::string(to_string(direction));
  return text + ' ' + uri;
}

std::optional<Msid> Msid::parse(std::string_view text) {
  const std::string_view stream = text::next_word(text);
  const std::string_view track = text::next_word(text);
  if (stream.empty()) return std::nullopt;
  return Msid{std::string(stream), std::string(track)};
}

std::string Msid::to_text() const {
  return track_id.empty() ? stream_id : stream_id + ' ' + track_id;
}

std::optional<SsrcGroup> SsrcGroup::parse(std::string_view text) {
  SsrcGroup group{std::string(text::next_word(text)), {}};
  while (!text.empty()) {
    const auto ssrc = text::number<std::uint32_t>(text::next_word(text));
    if (!ssrc || group.ssrcs.size() == limits::kSdpRepeats) return std::nullopt;
    group.ssrcs.push_back(*ssrc);
  }
  if (!text::is_token(group.semantics) || group.ssrcs.empty()) return std::nullopt;
  return group;
}

std::string SsrcGroup::to_text() const {
  std::string text = semantics;
  for (const std::uint32_t ssrc : ssrcs) text += ' ' + std::to_string(ssrc);
  return text;
}

std::optional<Rid> Rid::parse(std::string_view text) {
  const std::string_view id = text::next_word(text);
  const std::string_view direction = text::next_word(text);
  if (!text::is_token(id) || (direction != "send" && direction != "recv")) return std::nullopt;
  return Rid{std::string(id), direction == "send" ? Direction::SendOnly : Direction::RecvOnly,
             std::string(text::trim(text))};
}

std::string Rid::to_text() const {
  std::string text = id + (direction == Direction::SendOnly ? " send" : " recv");
  if (!restrictions.empty()) text += ' ' + restrictions;
  return text;
}

std::optional<Simulcast> Simulcast::parse(std::string_view text) {
  Simulcast simulcast;
  while (!text.empty()) {
    const std::string_view direction = text::next_word(text);
    if (direction.empty()) break;
    SimulcastStreams* target = direction == "send"   ? &simulcast.send
                               : direction == "recv" ? &simulcast.receive
                                                     : nullptr;
    if (target == nullptr || !target->empty()) return std::nullopt;
    auto streams = parse_streams(text::next_word(text));
    if (!streams || streams->empty()) return std::nullopt;
    *target = std::move(*streams);
  }
  if (simulcast.send.empty() && simulcast.receive.empty()) return std::nullopt;
  return simulcast;
}

std::string Simulcast::to_text() const {
  std::string text;
  if (!send.empty()) text = "send " + streams_text(send);
  if (!receive.empty()) text += (text.empty() ? "recv " : " recv ") + streams_text(receive);
  return text;
}

}  // namespace vis::media::sdp
