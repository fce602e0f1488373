#include "load/summary.hpp"

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

double full_core(const Trial::Outcome& outcome) { return outcome.best.full_core(); }

const Row kRows[] = {
    {Shape::Audience, "fewest listeners: CPU, us/packet", "at most 3",
     [](const auto& o) { return o.first.cpu_us_per_packet(); }},
    {Shape::Audience, "fewest listeners: delay p99, ms", "at most 2",
     [](const auto& o) { return milliseconds(o.first.p99_delay); }},
    {Shape::Audience, "listeners without loss", "",
     [](const auto& o) { return static_cast<double>(o.best.count); }},
    {Shape::Audience, "listeners of a full core", "", full_core},
    {Shape::Audience, "resident, kB per listener", "at most 100", kilobytes_per_session},
    {Shape::Meetings, "meetings: CPU, us/packet", "at most 3.5",
     [](const auto& o) { return o.best.cpu_us_per_packet(); }},
    {Shape::Meetings, "meetings: load nearest to 70 %", "",
     [](const auto& o) { return 100 * o.at_70.server_core(); }},
    {Shape::Meetings, "meetings: delay there, p50, ms", "at most 0.3",
     [](const auto& o) { return milliseconds(o.at_70.median_delay); }},
    {Shape::Meetings, "meetings: delay there, p99, ms", "at most 2",
     [](const auto& o) { return milliseconds(o.at_70.p99_delay); }},
    {Shape::Meetings, "meetings without loss", "",
     [](const auto& o) { return static_cast<double>(o.best.count); }},
    {Shape::Meetings, "meetings of a full core", "", full_core},
    {Shape::Meetings, "resident, kB per session", "at most 100", kilobytes_per_session},
};

}  // namespace

const Trial::Outcome* Summary::find(Shape shape, const std::string& server) const {
  const auto of_shape = outcomes_.find(shape);
  if (of_shape == outcomes_.end()) return nullptr;
  const auto found = of_shape->second.find(server);
  if (found == of_shape->second.end() || found->second.best.count == 0) return nullptr;
  return &found->second;
}

void Summary::print() const {
  if (outcomes_.empty()) return;
  std::printf("%-34s %12s", "", "must reach");
  for (const std::string& server : servers_) std::printf(" %10s", server.c_str());
  std::printf("\n");
  for (const Row& row : kRows) {
    if (!outcomes_.contains(row.shape)) continue;
    std::printf("%-34s %12s", row.words, row.limit);
    for (const std::string& server : servers_) {
      const Trial::Outcome* const outcome = find(row.shape, server);
      if (outcome == nullptr) {
        std::printf(" %10s", "-");
      } else {
        std::printf(" %10.2f", row.value(*outcome));
      }
    }
    std::printf("\n");
  }
  print_ratio(Shape::Audience, "listeners of a full core, of Janus");
  print_ratio(Shape::Meetings, "meetings of a full core, of Janus");
}

/// Ours is to be a multiple of Janus's, in the same run.
void Summary::print_ratio(Shape shape, const char* words) const {
  const Trial::Outcome* const ours = find(shape, "visavis");
  const Trial::Outcome* const theirs = find(shape, "janus");
  if (ours == nullptr || theirs == nullptr) return;
  std::printf("%-34s %12s %9.1fx\n", words, "at least 5x", full_core(*ours) / full_core(*theirs));
}

}  // namespace vis::bench
