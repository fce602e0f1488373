#include <algorithm>
#include <array>
#include <bitset>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/limits/media_sdp.hpp"
#include "media/sdp/session_description.hpp"
#include "media/sdp/text.hpp"

namespace vis::media::sdp {
namespace {

/// What is wrong with a line, to be read after its name: "a=rtpmap" + " without payload type".
using Check = std::expected<void, std::string_view>;
constexpr auto bad(std::string_view reason) { return std::unexpected(reason); }
constexpr std::string_view kMalformed = "is malformed";
constexpr std::string_view kTooMany = "comes too often";

/// RFC 3551 table 4: formats that need no a=rtpmap. Those that browsers offer.
struct StaticFormat {
  std::uint8_t payload_type;
  std::string_view name;
  std::uint32_t clock_rate;
};
constexpr std::array kStaticFormats{
    StaticFormat{0, "PCMU", 8000},
    StaticFormat{8, "PCMA", 8000},
    StaticFormat{9, "G722", 8000},
    StaticFormat{13, "CN", 8000},
};

template <typename T>
Check append(std::vector<T>& list, std::optional<T> value,
             std::size_t limit = limits::kSdpRepeats) {
  if (!value) return bad(kMalformed);
  if (list.size() == limit) return bad(kTooMany);
  list.push_back(std::move(*value));
  return {};
}

/// Sets what may be said once; saying the same again is harmless.
template <typename Target, typename Value>
Check set_once(Target& target, Value value) {
  if (target != Target{} && target != value) return bad("contradicts an earlier one");
  target = std::move(value);
  return {};
}

/// Reads one description line by line. A value of one call; see SessionDescription::parse.
class Parser final {
 public:
  Result<SessionDescription> parse(std::string_view text);

 private:
  using Handler = Check (Parser::*)(std::string_view value);
  struct Attribute {
    std::string_view name;
    Handler handler;
  };
  static const std::array<Attribute, 13> kAnywhere;
  static const std::array<Attribute, 17> kInSections;

  Result<void> line(std::string_view line);
  Result<void> attribute(std::string_view text);
  std::unexpected<Error> failure(std::string_view what, std::string_view reason) const;

  Check origin(std::string_view value);
  Check media(std::string_view value);
  Check formats(std::string_view list);
  void end_section();

  // Attributes of the session or of a section.
  Check group(std::string_view value);
  Check msid_semantic(std::string_view value);
  Check ice_lite(std::string_view value);
  Check allow_mixed(std::string_view value);
  Check ice_ufrag(std::string_view value);
  Check ice_pwd(std::string_view value);
  Check ice_options(std::string_view value);
  Check fingerprint(std::string_view value);
  Check setup(std::string_view value);
  template <Direction kDirection>
  Check direction(std::string_view value);

  // Attributes of a section.
  Check mid(std::string_view value);
  Check bundle_only(std::string_view value);
  Check candidate(std::string_view value);
  Check end_of_candidates(std::string_view value);
  Check rtcp_mux(std::string_view value);
  Check rtcp_rsize(std::string_view value);
  Check rtpmap(std::string_view value);
  Check fmtp(std::string_view value);
  Check rtcp_feedback(std::string_view value);
  Check extmap(std::string_view value);
  Check msid(std::string_view value);
  Check ssrc(std::string_view value);
  Check ssrc_group(std::string_view value);
  Check rid(std::string_view value);
  Check simulcast(std::string_view value);
  Check sctp_port(std::string_view value);
  Check max_message_size(std::string_view value);

  std::expected<Codec*, std::string_view> format_of(std::string_view& value);
  MediaSection& section() { return session_.sections.back(); }
  bool in_section() const { return !session_.sections.empty(); }
  TransportAttributes& transport() {
    return in_section() ? section().transport : session_.transport;
  }

  SessionDescription session_;
  Direction session_direction_ = Direction::SendRecv;
  bool session_allow_mixed_ = false;
  std::size_t line_number_ = 0;
};

// Both tables are searched for every attribute line; the common names come first.
constexpr std::array<Parser::Attribute, 13> Parser::kAnywhere{{
    {"ice-ufrag", &Parser::ice_ufrag},
    {"ice-pwd", &Parser::ice_pwd},
    {"ice-options", &Parser::ice_options},
    {"fingerprint", &Parser::fingerprint},
    {"setup", &Parser::setup},
    {"sendrecv", &Parser::direction<Direction::SendRecv>},
    {"sendonly", &Parser::direction<Direction::SendOnly>},
    {"recvonly", &Parser::direction<Direction::RecvOnly>},
    {"inactive", &Parser::direction<Direction::Inactive>},
    {"extmap-allow-mixed", &Parser::allow_mixed},
    {"group", &Parser::group},
    {"ice-lite", &Parser::ice_lite},
    {"msid-semantic", &Parser::msid_semantic},
}};
constexpr std::array<Parser::Attribute, 17> Parser::kInSections{{
    {"rtcp-fb", &Parser::rtcp_feedback},
    {"rtpmap", &Parser::rtpmap},
    {"fmtp", &Parser::fmtp},
    {"extmap", &Parser::extmap},
    {"ssrc", &Parser::ssrc},
    {"candidate", &Parser::candidate},
    {"mid", &Parser::mid},
    {"msid", &Parser::msid},
    {"rtcp-mux", &Parser::rtcp_mux},
    {"rtcp-rsize", &Parser::rtcp_rsize},
    {"bundle-only", &Parser::bundle_only},
    {"end-of-candidates", &Parser::end_of_candidates},
    {"ssrc-group", &Parser::ssrc_group},
    {"rid", &Parser::rid},
    {"simulcast", &Parser::simulcast},
    {"sctp-port", &Parser::sctp_port},
    {"max-message-size", &Parser::max_message_size},
}};

std::unexpected<Error> Parser::failure(std::string_view what, std::string_view reason) const {
  return fail(Errc::InvalidArgument, "line " + std::to_string(line_number_) + ": " +
                                         std::string(what) + ' ' + std::string(reason));
}

Result<SessionDescription> Parser::parse(std::string_view text) {
  if (text.size() > limits::kSdpBytes) {
    return fail(Errc::LimitExceeded, "session description is larger than " +
                                         std::to_string(limits::kSdpBytes) + " bytes");
  }
  while (!text.empty()) {
    auto [current, rest] = text::split_once(text, '\n');
    text = rest;
    if (current.ends_with('\r')) current.remove_suffix(1);
    ++line_number_;
    if (auto read = line(current); !read) return std::unexpected(std::move(read.error()));
  }
  if (line_number_ == 0) return fail(Errc::InvalidArgument, "session description is empty");
  if (in_section()) end_section();
  return std::move(session_);
}

Result<void> Parser::line(std::string_view line) {
  if (line.size() > limits::kSdpLineBytes) {
    return fail(Errc::LimitExceeded, "line " + std::to_string(line_number_) + " is too long");
  }
  if (line_number_ == 1 && line != "v=0") return failure("v=0", "is missing");
  if (std::ranges::any_of(line, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; })) {
    return failure("the line", "holds a control character");
  }
  if (line.size() < 2 || line[1] != '=') return failure("the line", "is not of the form x=value");
  const std::string_view value = line.substr(2);
  Check check;
  switch (line[0]) {
    case 'a': return attribute(value);
    case 'm': check = media(value); break;
    case 'o': check = origin(value); break;
    default: return {};  // Addresses, times, bandwidths: WebRTC has other means for all of these.
  }
  if (!check) return failure(line.substr(0, 2), check.error());
  return {};
}

Result<void> Parser::attribute(std::string_view text) {
  const auto [name, value] = text::split_once(text, ':');
  auto run = [&](const auto& table) -> std::optional<Check> {
    const auto found = std::ranges::find(table, name, &Attribute::name);
    if (found == table.end()) return std::nullopt;
    return (this->*found->handler)(value);
  };
  std::optional<Check> check = run(kAnywhere);
  if (!check && in_section()) check = run(kInSections);
  if (check && !*check) return failure("a=" + std::string(name), check->error());
  return {};
}

Check Parser::origin(std::string_view value) {
  const std::string_view username = text::next_word(value);
  const auto session_id = text::number<std::uint64_t>(text::next_word(value));
  const auto version = text::number<std::uint64_t>(text::next_word(value));
  if (username.empty() || !session_id || !version) return bad(kMalformed);
  session_.origin = {std::string(username), *session_id, *version};
  return {};
}

Check Parser::media(std::string_view value) {
  if (in_section()) end_section();
  if (session_.sections.size() == limits::kSdpSections) return bad("opens too many sections");
  const std::string_view kind = text::next_word(value);
  const auto port = text::number<std::uint16_t>(text::next_word(value));
  const std::string_view protocol = text::next_word(value);
  if (!port || protocol.empty() || value.empty()) return bad(kMalformed);

  MediaSection section;
  if (kind == "audio") {
    section.kind = MediaKind::Audio;
  } else if (kind == "video") {
    section.kind = MediaKind::Video;
  } else if (kind == "application") {
    section.kind = MediaKind::Application;
  } else {
    return bad("is neither audio, video nor application");
  }
  section.port = *port;
  section.protocol = protocol;
  const bool rtp = section.kind != MediaKind::Application;
  if (rtp) {
    section.direction = session_direction_;
    section.extmap_allow_mixed = session_allow_mixed_;
  }
  session_.sections.push_back(std::move(section));
  return rtp ? formats(value) : Check{};
}

Check Parser::formats(std::string_view list) {
  std::bitset<limits::kSdpPayloadTypes> seen;
  while (!list.empty()) {
    const auto payload_type = text::number<std::uint8_t>(text::next_word(list));
    if (!payload_type || *payload_type >= seen.size()) return bad("has a bad payload type");
    if (seen[*payload_type]) return bad("has a payload type twice");
    seen.set(*payload_type);
    Codec codec;
    codec.payload_type = *payload_type;
    const auto known =
        std::ranges::find(kStaticFormats, *payload_type, &StaticFormat::payload_type);
    if (section().kind == MediaKind::Audio && known != kStaticFormats.end()) {
      codec.name = known->name;
      codec.clock_rate = known->clock_rate;
    }
    section().codecs.push_back(std::move(codec));
  }
  return {};
}

void Parser::end_section() {
  std::erase_if(section().codecs, [](const Codec& codec) { return codec.name.empty(); });
}

Check Parser::group(std::string_view value) {
  if (text::next_word(value) != "BUNDLE") return {};
  std::vector<std::string> mids;
  while (!value.empty()) {
    const std::string_view mid = text::next_word(value);
    if (!text::is_token(mid)) return bad(kMalformed);
    if (mids.size() == limits::kSdpSections) return bad("has too many members");
    mids.emplace_back(mid);
  }
  return append(session_.bundle_groups, std::optional(std::move(mids)));
}

Check Parser::msid_semantic(std::string_view value) {
  session_.msid_semantic = text::trim(value);
  return {};
}

Check Parser::ice_lite(std::string_view) {
  session_.ice_lite = true;
  return {};
}

Check Parser::allow_mixed(std::string_view) {
  (in_section() ? section().extmap_allow_mixed : session_allow_mixed_) = true;
  return {};
}

Check Parser::ice_ufrag(std::string_view value) {
  if (value.size() < 4 || value.size() > 256 || !text::is_ice_text(value)) return bad(kMalformed);
  return set_once(transport().ice_ufrag, std::string(value));
}

Check Parser::ice_pwd(std::string_view value) {
  if (value.size() < 22 || value.size() > 256 || !text::is_ice_text(value)) return bad(kMalformed);
  return set_once(transport().ice_pwd, std::string(value));
}

Check Parser::ice_options(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = text::next_word(value);
    if (!text::is_token(option)) return bad(kMalformed);
    if (auto added = append(transport().ice_options, std::optional(std::string(option))); !added) {
      return added;
    }
  }
  return {};
}

Check Parser::fingerprint(std::string_view value) {
  return append(transport().fingerprints, Fingerprint::parse(value));
}

Check Parser::setup(std::string_view value) {
  const auto setup = parse_setup(value);
  if (!setup) return bad("is none of actpass, active, passive, holdconn");
  return set_once(transport().setup, setup);
}

template <Direction kDirection>
Check Parser::direction(std::string_view) {
  (in_section() ? section().direction : session_direction_) = kDirection;
  return {};
}

Check Parser::mid(std::string_view value) {
  if (!text::is_token(value)) return bad("is not a token");
  return set_once(section().mid, std::string(value));
}

Check Parser::candidate(std::string_view value) {
  if (value.empty()) return bad("is empty");
  return append(section().candidates, std::optional("candidate:" + std::string(value)));
}

Check Parser::bundle_only(std::string_view) {
  section().bundle_only = true;
  return {};
}

Check Parser::end_of_candidates(std::string_view) {
  section().end_of_candidates = true;
  return {};
}

Check Parser::rtcp_mux(std::string_view) {
  section().rtcp_mux = true;
  return {};
}

Check Parser::rtcp_rsize(std::string_view) {
  section().rtcp_rsize = true;
  return {};
}

/// Takes the payload type off the front; null for one that the m= line does not list, which says
/// nothing to us.
std::expected<Codec*, std::string_view> Parser::format_of(std::string_view& value) {
  const auto payload_type = text::number<std::uint8_t>(text::next_word(value));
  if (!payload_type) return bad("without payload type");
  const auto found = std::ranges::find(section().codecs, *payload_type, &Codec::payload_type);
  return found == section().codecs.end() ? nullptr : &*found;
}

Check Parser::rtpmap(std::string_view value) {
  const auto codec = format_of(value);
  if (!codec) return bad(codec.error());
  const auto [name, rates] = text::split_once(text::trim(value), '/');
  const auto [clock_rate, channels] = text::split_once(rates, '/');
  const auto hertz = text::number<std::uint32_t>(clock_rate);
  const auto channel_count =
      channels.empty() ? std::optional<std::uint8_t>(1) : text::number<std::uint8_t>(channels);
  if (!text::is_token(name)) return bad("without codec name");
  if (!hertz || *hertz == 0 || !channel_count || *channel_count == 0) return bad(kMalformed);
  if (*codec == nullptr) return {};
  (*codec)->name = name;
  (*codec)->clock_rate = *hertz;
  (*codec)->channels = *channel_count;
  return {};
}

Check Parser::fmtp(std::string_view value) {
  const auto codec = format_of(value);
  if (!codec) return bad(codec.error());
  if (*codec != nullptr) (*codec)->parameters = parse_format_parameters(text::trim(value));
  return {};
}

Check Parser::rtcp_feedback(std::string_view value) {
  std::string_view after_wildcard = value;
  const bool for_all = text::next_word(after_wildcard) == "*";
  Codec* codec = nullptr;
  if (!for_all) {
    const auto named = format_of(value);
    if (!named) return bad(named.error());
    codec = *named;
  } else {
    value = after_wildcard;
  }
  const std::string_view type = text::next_word(value);
  if (!text::is_token(type)) return bad("without feedback type");
  const std::string_view parameter = text::trim(value);
  if (parameter.size() > limits::kSdpTokenBytes) return bad(kMalformed);
  const RtcpFeedback feedback{std::string(type), std::string(parameter)};
  for (Codec& each : section().codecs) {
    if (!for_all && &each != codec) continue;
    if (auto added = append(each.feedback, std::optional(feedback), limits::kSdpFeedback); !added) {
      return added;
    }
  }
  return {};
}

Check Parser::extmap(std::string_view value) {
  return append(section().extensions, Extmap::parse(value));
}

Check Parser::msid(std::string_view value) { return append(section().msids, Msid::parse(value)); }

Check Parser::ssrc(std::string_view value) {
  const auto ssrc = text::number<std::uint32_t>(text::next_word(value));
  if (!ssrc) return bad("without SSRC");
  auto& all = section().ssrcs;
  auto found = std::ranges::find(all, *ssrc, &SsrcDescription::ssrc);
  if (found == all.end()) {
    if (all.size() == limits::kSdpRepeats) return bad(kTooMany);
    found = all.insert(all.end(), SsrcDescription{.ssrc = *ssrc, .cname = {}, .msid = {}});
  }
  const auto [name, text] = text::split_once(value, ':');
  if (name == "cname") found->cname = text::trim(text);
  if (name == "msid") found->msid = Msid::parse(text);
  return {};
}

Check Parser::ssrc_group(std::string_view value) {
  return append(section().ssrc_groups, SsrcGroup::parse(value));
}

Check Parser::rid(std::string_view value) { return append(section().rids, Rid::parse(value)); }

Check Parser::simulcast(std::string_view value) {
  auto simulcast = Simulcast::parse(value);
  if (!simulcast) return bad(kMalformed);
  return set_once(section().simulcast, std::move(simulcast));
}

Check Parser::sctp_port(std::string_view value) {
  const auto port = text::number<std::uint16_t>(value);
  if (!port || *port == 0) return bad(kMalformed);
  return set_once(section().sctp_port, port);
}

Check Parser::max_message_size(std::string_view value) {
  const auto bytes = text::number<std::uint64_t>(value);
  if (!bytes) return bad(kMalformed);
  return set_once(section().max_message_size, bytes);
}

}  // namespace

Result<SessionDescription> SessionDescription::parse(std::string_view text) {
  return Parser{}.parse(text);
}

TransportAttributes SessionDescription::transport_of(const MediaSection& section) const {
  TransportAttributes merged = section.transport;
  if (merged.ice_ufrag.empty()) merged.ice_ufrag = transport.ice_ufrag;
  if (merged.ice_pwd.empty()) merged.ice_pwd = transport.ice_pwd;
  if (merged.ice_options.empty()) merged.ice_options = transport.ice_options;
  if (merged.fingerprints.empty()) merged.fingerprints = transport.fingerprints;
  if (!merged.setup) merged.setup = transport.setup;
  return merged;
}

}  // namespace vis::media::sdp
