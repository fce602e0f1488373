#include "media/sdp/codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits/media_sdp.hpp"
#include "media/sdp/text.hpp"

namespace vis::media::sdp {
namespace {

std::string_view parameter_or(const Codec& codec, std::string_view name, std::string_view missing) {
  return codec.parameter(name).value_or(missing);
}

/// profile_idc and the bits of profile_iop that tell a profile; `mask` picks those bits.
struct ProfilePattern {
  std::uint8_t idc;
  std::uint8_t mask;
  std::uint8_t iop;
  H264Profile profile;
};

constexpr std::array kProfilePatterns{
    ProfilePattern{0x42, 0x4F, 0x40, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x4D, 0x8F, 0x80, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x58, 0xCF, 0xC0, H264Profile::ConstrainedBaseline},
    ProfilePattern{0x42, 0x4F, 0x00, H264Profile::Baseline},
    ProfilePattern{0x58, 0xCF, 0x80, H264Profile::Baseline},
    ProfilePattern{0x4D, 0xAF, 0x00, H264Profile::Main},
    ProfilePattern{0x64, 0xFF, 0x0C, H264Profile::ConstrainedHigh},
    ProfilePattern{0x64, 0xFF, 0x00, H264Profile::High},
};

std::optional<std::uint8_t> hex_byte(std::string_view digits) {
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
  if (error != std::errc{} || end != digits.data() + 2) return std::nullopt;
  return value;
}

}  // namespace

std::string_view to_string(MediaKind kind) {
  switch (kind) {
    case MediaKind::Audio: return "audio";
    case MediaKind::Video: return "video";
    case MediaKind::Application: return "application";
  }
  std::unreachable();
}

FormatParameters parse_format_parameters(std::string_view text) {
  FormatParameters parameters;
  while (!text.empty() && parameters.size() < limits::kSdpRepeats) {
    const std::string_view item = text::trim(text::next_word(text, ';'));
    const auto [name, value] = text::split_once(item, '=');
    if (name.empty()) continue;
    parameters.push_back({std::string(name), std::string(value)});
  }
  return parameters;
}

std::string to_text(const FormatParameters& parameters) {
  std::string text;
  for (const FormatParameter& parameter : parameters) {
    if (!text.empty()) text += ';';
    text += parameter.name;
    if (!parameter.value.empty()) text += '=' + parameter.value;
  }
  return text;
}

std::optional<std::string_view> find_parameter(const FormatParameters& parameters,
                                               std::string_view name) {
  const auto found = std::ranges::find_if(parameters, [&](const FormatParameter& parameter) {
    return text::equal_ignoring_case(parameter.name, name);
  });
  if (found == parameters.end()) return std::nullopt;
  return found->value;
}

void set_parameter(FormatParameters& parameters, std::string_view name, std::string_view value) {
  const auto found = std::ranges::find_if(parameters, [&](const FormatParameter& parameter) {
    return text::equal_ignoring_case(parameter.name, name);
  });
  if (found == parameters.end()) {
    parameters.push_back({std::string(name), std::string(value)});
  } else {
    found->value = value;
  }
}

bool Codec::is(std::string_view codec_name) const {
  return text::equal_ignoring_case(name, codec_name);
}

std::optional<std::uint8_t> Codec::associated_payload_type() const {
  const auto apt = is("rtx") ? parameter("apt") : std::nullopt;
  return apt ? text::number<std::uint8_t>(*apt) : std::nullopt;
}

std::string mime_type(MediaKind kind, const Codec& codec) {
  std::string mime = std::string(to_string(kind)) + '/' + codec.name;
  std::ranges::transform(mime, mime.begin(), text::to_lower);
  return mime;
}

std::string_view codec_name_of(std::string_view mime) {
  return mime.contains('/') ? text::split_once(mime, '/').second : mime;
}

H264Profile h264_profile(std::optional<std::string_view> profile_level_id) {
  if (!profile_level_id) return H264Profile::ConstrainedBaseline;
  if (profile_level_id->size() != 6) return H264Profile::Other;
  const auto idc = hex_byte(profile_level_id->substr(0, 2));
  const auto iop = hex_byte(profile_level_id->substr(2, 2));
  if (!idc || !iop) return H264Profile::Other;
  for (const ProfilePattern& pattern : kProfilePatterns) {
    if (pattern.idc == *idc && (*iop & pattern.mask) == pattern.iop) return pattern.profile;
  }
  return H264Profile::Other;
}

bool same_format(const Codec& a, const Codec& b) {
  if (!a.is(b.name) || a.clock_rate != b.clock_rate || a.channels != b.channels) return false;
  if (a.is("H264")) {
    return parameter_or(a, "packetization-mode", "0") ==
               parameter_or(b, "packetization-mode", "0") &&
           h264_profile(a.parameter("profile-level-id")) ==
               h264_profile(b.parameter("profile-level-id"));
  }
  if (a.is("VP9")) return parameter_or(a, "profile-id", "0") == parameter_or(b, "profile-id", "0");
  if (a.is("H265")) {
    return parameter_or(a, "profile-id", "1") == parameter_or(b, "profile-id", "1") &&
           parameter_or(a, "tier-flag", "0") == parameter_or(b, "tier-flag", "0") &&
           parameter_or(a, "tx-mode", "SRST") == parameter_or(b, "tx-mode", "SRST");
  }
  if (a.is("AV1")) return parameter_or(a, "profile", "0") == parameter_or(b, "profile", "0");
  return true;
}

const Codec* find_rtx(std::span<const Codec> codecs, std::uint8_t payload_type) {
  const auto found = std::ranges::find_if(
      codecs, [&](const Codec& codec) { return codec.associated_payload_type() == payload_type; });
  return found == codecs.end() ? nullptr : &*found;
}

const Codec* find_payload_type(std::span<const Codec> codecs, std::uint8_t payload_type) {
  const auto found = std::ranges::find(codecs, payload_type, &Codec::payload_type);
  return found == codecs.end() ? nullptr : &*found;
}

}  // namespace vis::media::sdp
