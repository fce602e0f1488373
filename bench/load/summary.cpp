#include "load/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace vis::bench {
namespace {

using Value = std::function<double(const Trial::Outcome&)>;

struct Row {
  Shape shape;
  const char* words;
  const char* limit;
  Value value;
};

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

/// What one more session takes: the server's own code and tables are no session's.
double kilobytes_per_session(const Trial::Outcome& outcome) {
  const Sample& few = outcome.first;
  const Sample& many = outcome.best;
  if (many.sessions <= few.sessions) return 0;
  return (static_cast<double>(many.server_bytes) - static_cast<double>(few.server_bytes)) / 1e3 /
         static_cast<double>(many.sessions - few.sessions);
}

double full_core(const Trial::Outcome& outcome) {
  return static_cast<double>(outcome.best.count) / std::max(outcome.best.server_core(), 0.01);
}

const Row kRows[] = {
    {Shape::Audience, "200 listeners: CPU, us/packet", "at most 3",
     [](const auto& o) { return o.first.cpu_us_per_packet(); }},
    {Shape::Audience, "200 listeners: delay p99, ms", "at most 2",
     [](const auto& o) { return milliseconds(o.first.p99_delay); }},
    {Shape::Audience, "listeners without loss", "5 x Janus",
     [](const auto& o) { return static_cast<double>(o.best.count); }},
    {Shape::Audience, "listeners of a full core", "5 x Janus", full_core},
    {Shape::Audience, "resident, kB per listener", "at most 100", kilobytes_per_session},
    {Shape::Meetings, "meetings: CPU, us/packet", "at most 3.5",
     [](const auto& o) { return o.best.cpu_us_per_packet(); }},
    {Shape::Meetings, "meetings: load nearest to 70 %", "",
     [](const auto& o) { return 100 * o.at_70.server_core(); }},
    {Shape::Meetings, "meetings: delay there, p50, ms", "at most 0.3",
     [](const auto& o) { return milliseconds(o.at_70.median_delay); }},
    {Shape::Meetings, "meetings: delay there, p99, ms", "at most 2",
     [](const auto& o) { return milliseconds(o.at_70.p99_delay); }},
    {Shape::Meetings, "meetings without loss", "5 x Janus",
     [](const auto& o) { return static_cast<double>(o.best.count); }},
    {Shape::Meetings, "resident, kB per session", "at most 100", kilobytes_per_session},
};

}  // namespace

void Summary::print() const {
  if (outcomes_.empty()) return;
  std::printf("%-34s %12s %10s %10s\n", "", "must reach", "visavis", "janus");
  for (const Row& row : kRows) {
    const auto found = outcomes_.find(row.shape);
    if (found == outcomes_.end()) continue;
    std::printf("%-34s %12s", row.words, row.limit);
    for (const char* const server : {"visavis", "janus"}) {
      const auto outcome = found->second.find(server);
      if (outcome == found->second.end() || outcome->second.best.count == 0) {
        std::printf(" %10s", "-");
      } else {
        std::printf(" %10.2f", row.value(outcome->second));
      }
    }
    std::printf("\n");
  }
}

}  // namespace vis::bench
