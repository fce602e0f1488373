#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vis::media::sdp {

enum class MediaKind : std::uint8_t { Audio, Video, Application };
std::string_view to_string(MediaKind kind);

/// One `name=value` of an `a=fmtp` line. Some formats have bare values (`111/111` of RED, `0-15` of
/// telephone-event): these are names without a value.
struct FormatParameter {
  std::string name;
  std::string value;

  friend bool operator==(const FormatParameter&, const FormatParameter&) = default;
};
using FormatParameters = std::vector<FormatParameter>;

FormatParameters parse_format_parameters(std::string_view text);
std::string to_text(const FormatParameters& parameters);

/// The value of a parameter, whose name is compared without regard to case.
std::optional<std::string_view> find_parameter(const FormatParameters& parameters,
                                               std::string_view name);
/// Sets a parameter, in its old place if it was there.
void set_parameter(FormatParameters& parameters, std::string_view name, std::string_view value);

/// `a=rtcp-fb` (RFC 4585 section 4.2): `nack` with no parameter, `nack pli`, `ccm fir`.
struct RtcpFeedback {
  std::string type;
  std::string parameter;

  friend bool operator==(const RtcpFeedback&, const RtcpFeedback&) = default;
};

/// One format of a section: its `a=rtpmap`, `a=fmtp` and `a=rtcp-fb` lines together.
struct Codec {
  std::uint8_t payload_type = 0;
  std::string name;  ///< As written by the peer; compare with `is`.
  std::uint32_t clock_rate = 0;
  std::uint8_t channels = 1;
  FormatParameters parameters;
  std::vector<RtcpFeedback> feedback;

  bool is(std::string_view codec_name) const;  ///< Names are compared without regard to case.
  std::optional<std::string_view> parameter(std::string_view parameter_name) const {
    return find_parameter(parameters, parameter_name);
  }
  /// The payload type that an rtx codec repairs (RFC 4588 section 8.6).
  std::optional<std::uint8_t> associated_payload_type() const;

  friend bool operator==(const Codec&, const Codec&) = default;
};

/// The media type in lower case, `video/vp8`.
std::string mime_type(MediaKind kind, const Codec& codec);
/// Splits `video/VP8` after the slash; the whole text when there is none.
std::string_view codec_name_of(std::string_view mime);

/// H.264 profiles as `profile-level-id` names them (RFC 6184 section 8.1, table 5).
enum class H264Profile : std::uint8_t {
  ConstrainedBaseline,
  Baseline,
  Main,
  ConstrainedHigh,
  High,
  Other
};
/// Six hexadecimal digits. Nothing is Constrained Baseline, as browsers have it.
H264Profile h264_profile(std::optional<std::string_view> profile_level_id);

/// Whether both describe one and the same format in the sense of offer/answer, whatever their
/// payload types: name, clock and channels; for H264 also packetization-mode and profile (the level
/// may differ), for H265 profile, tier and tx-mode, for VP9 and AV1 the profile. An rtx codec
/// matches any rtx codec.
bool same_format(const Codec& a, const Codec& b);

/// The rtx codec that repairs `payload_type`, or null.
const Codec* find_rtx(std::span<const Codec> codecs, std::uint8_t payload_type);
/// The codec of that payload type, or null.
const Codec* find_payload_type(std::span<const Codec> codecs, std::uint8_t payload_type);

}  // namespace vis::media::sdp
