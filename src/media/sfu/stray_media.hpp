#pragma once

#include "base/time.hpp"
#include "media/ice/output.hpp"
#include "media/sfu/engine_context.hpp"

namespace vis::media::sfu {

/// Media from an address that nobody is known at. It may be that of a client whose NAT has given
/// it another port: the client knows nothing of that, and the checks by which it would tell are
/// seconds apart. So those clients of that host who have just fallen silent are asked, with a check
/// that only they can answer, and move when they do.
///
/// Part of the engine. Anybody can send such packets under any name: looking is bounded in rate,
/// and so is what a client is asked. Nothing is believed of the packet itself.
class StrayMedia final {
 public:
  /// Who was heard more recently is on its path; audio and feedback come several times as often.
  static constexpr Duration kSilence = 150ms;
  static constexpr Duration kSearchInterval = 10ms;

  explicit StrayMedia(EngineContext& context) : context_(context) {}

  void on_stray(TimePoint now, const ice::Path& path);

 private:
  EngineContext& context_;
  TimePoint next_search_at_;
};

}  // namespace vis::media::sfu
