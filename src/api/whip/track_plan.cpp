#include "api/whip/track_plan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits/api_whip.hpp"
#include "base/limits/text.hpp"

namespace vis::api::whip {
namespace {

using rooms::OfferedSection;
using rooms::OfferSummary;
using rooms::TrackKind;
using rooms::TrackSource;

struct NamedSource {
  std::string_view name;
  TrackKind kind;
  TrackSource source;
};
/// In the order in which sections without a name get them.
constexpr std::array<NamedSource, 4> kSources{{
    {"camera", TrackKind::Video, TrackSource::Camera},
    {"microphone", TrackKind::Audio, TrackSource::Microphone},
    {"screen_share", TrackKind::Video, TrackSource::ScreenShare},
    {"screen_share_audio", TrackKind::Audio, TrackSource::ScreenShareAudio},
}};

std::unexpected<Error> no_codec(const OfferedSection& section) {
  return fail(Errc::Unsupported,
              "section " + section.mid + " offers no codec that this server forwards");
}

Result<void> check_sections(const OfferSummary& offer) {
  if (offer.sections.empty()) {
    return fail(Errc::Unsupported, "the offer has neither audio nor video");
  }
  if (offer.sections.size() > limits::kWhipTracks) {
    return fail(Errc::Unsupported, "the offer has more sections than a session may have");
  }
  return {};
}

Result<void> check(const OfferedSection& section) {
  if (!section.sends) {
    return fail(Errc::Unsupported, "section " + section.mid +
                                       " sends nothing; a publisher's "
                                       "sections are sendonly or sendrecv");
  }
  if (!section.usable) return no_codec(section);
  return {};
}

/// Names come from the client and end up in descriptions of others: only ids as browsers make them.
std::string plain(const std::string& name) {
  return name.size() <= limits::kNameBytes ? name : std::string{};
}

class Plan final {
 public:
  void add(const OfferedSection& section) {
    const NamedSource* const source = source_of(section);
    rooms::TrackRequest track{.cid = cid_of(section),
                              .kind = section.kind,
                              .stream = plain(section.stream_id),
                              .disable_dtx = !section.dtx,
                              .stereo = section.stereo};
    if (source != nullptr) {
      track.source = source->source;
      track.name = source->name;
    }
    tracks.push_back(std::move(track));
  }

  std::vector<rooms::TrackRequest> tracks;

 private:
  bool has(TrackSource source) const {
    return std::ranges::find(tracks, source, &rooms::TrackRequest::source) != tracks.end();
  }
  const NamedSource* source_of(const OfferedSection& section) const {
    const NamedSource* next = nullptr;
    for (const NamedSource& each : kSources) {
      if (each.kind != section.kind || has(each.source)) continue;
      if (each.name == section.track_id || each.name == section.stream_id) return &each;
      if (next == nullptr) next = &each;
    }
    return next;
  }
  /// The id by which media finds the section again; those without one are taken in order.
  std::string cid_of(const OfferedSection& section) const {
    std::string cid = plain(section.track_id);
    const bool taken = std::ranges::find(tracks, cid, &rooms::TrackRequest::cid) != tracks.end();
    return cid.empty() || taken ? "mid:" + section.mid : cid;
  }
};

}  // namespace

Result<std::vector<rooms::TrackRequest>> plan_tracks(const rooms::OfferSummary& offer) {
  if (auto checked = check_sections(offer); !checked) return std::unexpected(checked.error());
  Plan plan;
  for (const OfferedSection& section : offer.sections) {
    if (auto checked = check(section); !checked) return std::unexpected(checked.error());
    plan.add(section);
  }
  return std::move(plan.tracks);
}

Result<rooms::ViewerOptions> plan_viewing(const rooms::OfferSummary& offer) {
  if (auto checked = check_sections(offer); !checked) return std::unexpected(checked.error());
  rooms::ViewerOptions viewer{.audios = 0, .videos = 0};
  for (const OfferedSection& section : offer.sections) {
    if (!section.receives) {
      return fail(Errc::Unsupported,
                  "section " + section.mid + " receives nothing; a player's sections are recvonly");
    }
    if (!section.usable) return no_codec(section);
    ++(section.kind == TrackKind::Audio ? viewer.audios : viewer.videos);
  }
  return viewer;
}

std::string_view to_string(rooms::VideoQuality quality) {
  if (quality == rooms::VideoQuality::Low) return "low";
  return quality == rooms::VideoQuality::Medium ? "medium" : "high";
}

Result<rooms::VideoQuality> parse_quality(std::string_view name) {
  if (name == "low") return rooms::VideoQuality::Low;
  if (name == "medium") return rooms::VideoQuality::Medium;
  if (name == "high") return rooms::VideoQuality::High;
  return fail(Errc::InvalidArgument, "a quality is low, medium or high");
}

}  // namespace vis::api::whip
