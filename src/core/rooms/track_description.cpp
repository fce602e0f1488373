#include "core/rooms/track_description.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/encoding.hpp"
#include "base/limits/core_rooms.hpp"
#include "base/limits/text.hpp"

namespace vis::core::rooms {
namespace {

/// The names that clients give the encodings of a simulcast, smallest first.
constexpr std::array<std::string_view, 3> kRids{"q", "h", "f"};
constexpr std::array kQualities{VideoQuality::Low, VideoQuality::Medium, VideoQuality::High};

constexpr std::size_t kSidCharacters = 15;  ///< Prefix included; fits an Id without allocation.

std::string_view kind_letter(TrackKind kind) {
  switch (kind) {
    case TrackKind::Audio: return "A";
    case TrackKind::Video: return "V";
  }
  std::unreachable();
}

std::string_view source_letter(TrackSource source) {
  switch (source) {
    case TrackSource::Unknown: return "";
    case TrackSource::Camera: return "C";
    case TrackSource::Microphone: return "M";
    case TrackSource::ScreenShare: return "S";
    case TrackSource::ScreenShareAudio: return "s";
  }
  std::unreachable();
}

/// Tracks of one stream are played in sync, so a microphone belongs to its camera.
std::string_view default_stream(TrackSource source) {
  switch (source) {
    case TrackSource::Unknown: return "";
    case TrackSource::Camera:
    case TrackSource::Microphone: return "camera";
    case TrackSource::ScreenShare:
    case TrackSource::ScreenShareAudio: return "screen_share";
  }
  std::unreachable();
}

std::string_view mime_prefix(TrackKind kind) {
  return kind == TrackKind::Audio ? "audio/" : "video/";
}

/// `VP8` and `video/VP8` both become `video/vp8`.
std::string full_mime_type(TrackKind kind, std::string_view codec) {
  std::string mime(codec.contains('/') ? "" : mime_prefix(kind));
  std::ranges::transform(codec, std::back_inserter(mime), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return mime;
}

/// The asked codec if it may be published, else the best one of its kind.
std::string allowed_codec(TrackKind kind, std::string_view asked,
                          const std::vector<std::string>& allowed) {
  std::string mime = full_mime_type(kind, asked);
  if (std::ranges::find(allowed, mime) != allowed.end()) return mime;
  const auto best = std::ranges::find_if(
      allowed, [&](const std::string& codec) { return codec.starts_with(mime_prefix(kind)); });
  return best == allowed.end() ? std::string{} : *best;
}

auto find_codec(std::vector<TrackCodec>& codecs, std::string_view mime_type) {
  return std::ranges::find(codecs, mime_type, &TrackCodec::mime_type);
}

bool is_scalable(std::string_view mime_type) {
  return mime_type == "video/vp9" || mime_type == "video/av1";
}

VideoLayerMode layer_mode_of(const TrackCodec& codec) {
  if (codec.layer_mode != VideoLayerMode::Unused) return codec.layer_mode;
  return is_scalable(codec.mime_type) ? VideoLayerMode::MultipleSpatialPerStream
                                      : VideoLayerMode::OneSpatialPerStream;
}

/// Smallest first, one per quality, numbered; with rids where each layer is a stream of its own.
std::vector<VideoLayer> ordered_layers(const std::vector<VideoLayer>& layers, VideoLayerMode mode) {
  std::vector<VideoLayer> ordered;
  for (const VideoQuality quality : kQualities) {
    const auto layer = std::ranges::find(layers, quality, &VideoLayer::quality);
    if (layer != layers.end()) ordered.push_back(*layer);
  }
  const bool streams = mode == VideoLayerMode::OneSpatialPerStream && ordered.size() > 1;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    ordered[i].spatial_layer = static_cast<std::uint32_t>(i);
    ordered[i].rid = streams ? kRids.at(i) : "";
  }
  return ordered;
}

std::vector<VideoLayer> requested_layers(const TrackRequest& request) {
  if (!request.layers.empty()) return request.layers;
  return {{.quality = VideoQuality::High, .width = request.width, .height = request.height}};
}

/// The codecs of a request as they can be published: allowed, each once, with its layers.
std::vector<TrackCodec> usable_codecs(const TrackRequest& request,
                                      const std::vector<std::string>& allowed) {
  std::vector<TrackCodec> codecs;
  for (const TrackCodec& asked : request.codecs) {
    TrackCodec codec{.mime_type = allowed_codec(request.kind, asked.mime_type, allowed),
                     .cid = asked.cid,
                     .layer_mode = asked.layer_mode};
    if (codec.mime_type.empty() || find_codec(codecs, codec.mime_type) != codecs.end()) continue;
    if (request.kind == TrackKind::Video) {
      codec.layer_mode = layer_mode_of(codec);
      codec.layers = ordered_layers(requested_layers(request), codec.layer_mode);
    }
    codecs.push_back(std::move(codec));
  }
  return codecs;
}

/// The layers of a simulcast that was not announced: from Low upward, each twice the one below.
std::vector<VideoLayer> undeclared_layers(const TrackInfo& track, std::size_t count) {
  std::vector<VideoLayer> layers;
  for (std::size_t i = 0; i < std::min(count, kQualities.size()); ++i) {
    const auto halvings = static_cast<std::uint32_t>(count - 1 - i);
    layers.push_back({.quality = kQualities.at(i),
                      .width = track.width >> halvings,
                      .height = track.height >> halvings,
                      .spatial_layer = static_cast<std::uint32_t>(i)});
  }
  return layers;
}

void apply_rids(TrackInfo& track, std::span<const std::string> rids) {
  if (rids.size() > track.layers.size()) track.layers = undeclared_layers(track, rids.size());
  for (std::size_t i = 0; i < std::min(rids.size(), track.layers.size()); ++i) {
    track.layers[i].rid = rids[i];
  }
  track.simulcast = track.simulcast || rids.size() > 1;
}

/// Brings the codec that is really sent to the front; an undeclared one replaces what stood there.
TrackCodec& first_codec(TrackInfo& track, const std::string& mime_type) {
  if (track.codecs.empty()) track.codecs.emplace_back();
  const auto codec = find_codec(track.codecs, mime_type);
  if (codec == track.codecs.end()) {
    track.codecs.front().mime_type = mime_type;
  } else {
    std::rotate(track.codecs.begin(), codec, codec + 1);
  }
  return track.codecs.front();
}

}  // namespace

TrackSid new_track_sid(RandomSource& random, TrackKind kind, TrackSource source) {
  std::string prefix = "TR_";
  prefix += kind_letter(kind);
  prefix += source_letter(source);
  return TrackSid(random_id(random, prefix, kSidCharacters - prefix.size()));
}

bool may_publish(const Permissions& permissions, TrackSource source) {
  const auto& sources = permissions.publish_sources;
  if (!permissions.can_publish) return false;
  return sources.empty() || std::ranges::find(sources, source) != sources.end();
}

Result<void> check_track_request(const TrackRequest& request) {
  if (request.cid.empty()) return fail(Errc::InvalidArgument, "the track has no client id");
  for (const std::string& text : {request.cid, request.name, request.stream}) {
    if (text.size() > limits::kNameBytes || !is_valid_text(text)) {
      return fail(Errc::InvalidArgument, "a text of the track is too long or not valid UTF-8");
    }
  }
  if (request.codecs.size() > limits::kTrackCodecs ||
      request.audio_features.size() > limits::kAudioFeatures) {
    return fail(Errc::InvalidArgument, "the track has too many codecs or features");
  }
  for (const TrackCodec& codec : request.codecs) {
    if (codec.cid.size() > limits::kNameBytes) {
      return fail(Errc::InvalidArgument, "the client id of a codec is too long");
    }
  }
  return {};
}

TrackInfo describe_track(const TrackSid& sid, const TrackRequest& request,
                         const std::vector<std::string>& allowed_codecs) {
  TrackInfo track{
      .sid = sid,
      .kind = request.kind,
      .source = request.source,
      .name = request.name,
      .stream =
          request.stream.empty() ? std::string(default_stream(request.source)) : request.stream,
      .muted = request.muted,
      .disable_dtx = request.disable_dtx,
      .disable_red = request.disable_red,
      .stereo = request.stereo,
      .width = request.width,
      .height = request.height,
      .codecs = usable_codecs(request, allowed_codecs),
      .encryption = request.encryption,
      .audio_features = request.audio_features,
      .backup_codec_policy = request.backup_codec_policy,
  };
  if (!track.codecs.empty()) track.mime_type = track.codecs.front().mime_type;
  if (track.kind == TrackKind::Video) {
    const VideoLayerMode mode = track.codecs.empty() ? VideoLayerMode::OneSpatialPerStream
                                                     : track.codecs.front().layer_mode;
    track.layers = ordered_layers(requested_layers(request), mode);
    track.simulcast = mode == VideoLayerMode::OneSpatialPerStream && track.layers.size() > 1;
  }
  return track;
}

Result<void> add_backup_codecs(TrackInfo& track, const TrackRequest& request,
                               const std::vector<std::string>& allowed_codecs) {
  TrackInfo changed = track;
  for (TrackCodec& codec : usable_codecs(request, allowed_codecs)) {
    if (codec.cid.empty()) codec.cid = request.cid;
    if (const auto known = find_codec(changed.codecs, codec.mime_type);
        known != changed.codecs.end()) {
      known->cid = codec.cid;
    } else {
      changed.codecs.push_back(std::move(codec));
    }
  }
  if (changed.codecs.size() > limits::kTrackCodecs) {
    return fail(Errc::LimitExceeded, "the track has too many codecs");
  }
  track = std::move(changed);
  return {};
}

bool apply_binding(TrackInfo& track, const TrackBound& bound) {
  const TrackInfo before = track;
  const bool backup = !track.mid.empty() && track.mid != bound.mid;
  if (backup) {
    const auto codec = find_codec(track.codecs, bound.mime_type);
    if (codec != track.codecs.end()) codec->mid = bound.mid;
    return track != before;
  }

  track.mid = bound.mid;
  track.mime_type = bound.mime_type;
  TrackCodec& codec = first_codec(track, bound.mime_type);
  codec.mid = bound.mid;
  if (track.kind == TrackKind::Video) {
    codec.layer_mode = layer_mode_of(codec);
    apply_rids(track, bound.rids);
    codec.layers = track.layers;
  }
  return track != before;
}

PublishSpec publish_spec(const TrackInfo& track, const std::string& cid) {
  return {.track = track.sid,
          .kind = track.kind,
          .source = track.source,
          .codecs = track.codecs,
          .cid = cid,
          .stereo = track.stereo,
          .disable_dtx = track.disable_dtx,
          .disable_red = track.disable_red,
          .muted = track.muted,
          .encrypted = track.encryption != EncryptionType::None};
}

}  // namespace vis::core::rooms
