// How many people one core serves: our server and Janus, driven by the same generator in the same
// run, with growing audiences of one publisher and growing numbers of ten-person meetings, until
// more than 0.1 % of the packets are lost. docs/guides/benchmarks.md says how to read the output.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "load/janus_sfu.hpp"
#include "load/summary.hpp"
#include "load/trial.hpp"
#include "load/visavis_sfu.hpp"

namespace vis::bench {
namespace {

constexpr double kFullCore = 0.9;

struct Load {
  Shape shape;
  const char* name;
  const char* words;
  Trial::Limits limits;
};
constexpr Load kLoads[] = {
    {Shape::Audience,
     "audience",
     "listeners of one publisher",
     {.first = 200, .most = 3200, .each = 4s}},
    {Shape::Meetings, "meetings", "meetings of ten", {.first = 2, .most = 40, .each = 4s}}};

std::unique_ptr<Sfu> start(std::string_view name, Generator& generator) {
  if (name == "janus") return std::make_unique<JanusSfu>(generator);
  return std::make_unique<VisavisSfu>(generator);
}

void report(const Load& load, const Trial::Outcome& outcome) {
  const Sample& best = outcome.best;
  if (best.count == 0) {
    std::printf("  not even the first load was carried\n\n");
    return;
  }
  std::printf("  %s %zu %s without loss", outcome.reached_limit ? "largest:" : "at least",
              best.count, load.words);
  if (!outcome.reached_limit) {
    std::printf("; no more were tried");
  } else if (outcome.beyond.own_core() > kFullCore || outcome.beyond.dropped_by_us > 0) {
    std::printf("; beyond, the generator's own core was full: read the cost per packet");
  } else if (outcome.beyond.server_core() < kFullCore) {
    std::printf("; beyond, no core was full, so other programs took part of the machine");
  }
  std::printf(". A full core would carry about %.0f.\n",
              static_cast<double>(best.count) / std::max(best.server_core(), 0.01));
}

void run(std::string_view name, const Load& load, Summary& summary) {
  std::printf("%.*s, %s\n", static_cast<int>(name.size()), name.data(), load.words);
  std::fflush(stdout);
  Generator generator;
  const auto sfu = start(name, generator);
  Trial trial{generator, *sfu, load.shape};
  try {
    const Trial::Outcome outcome = trial.run(load.limits);
    report(load, outcome);
    summary.add(std::string(name), load.shape, outcome);
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what() +
                             ("; the end of its log:\n" + sfu->process().last_words()));
  }
  std::printf("  witnesses decrypted %llu packets and refused %llu\n\n",
              static_cast<unsigned long long>(trial.opened()),
              static_cast<unsigned long long>(trial.refused()));
  std::fflush(stdout);
}

void raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int run_all(std::string_view wanted_server, std::string_view wanted_load, std::size_t most) {
  if (std::thread::hardware_concurrency() < 2) {
    std::printf("this needs two cores: one for the server, one for the generator\n");
    return 1;
  }
  raise_file_limit();
  run_on_core(kGeneratorCore);
  int failures = 0;
  Summary summary;
  for (Load load : kLoads) {
    if (!wanted_load.empty() && wanted_load != "all" && wanted_load != load.name) continue;
    if (most != 0) load.limits.most = most;
    load.limits.first = std::min(load.limits.first, load.limits.most);
    for (const std::string_view name : {std::string_view{"visavis"}, std::string_view{"janus"}}) {
      if (!wanted_server.empty() && wanted_server != "all" && wanted_server != name) continue;
      if (name == "janus" && !JanusSfu::available()) {
        std::printf("janus is not installed and is left out\n\n");
        continue;
      }
      try {
        run(name, load, summary);
      } catch (const std::exception& error) {
        std::printf("  failed: %s\n\n", error.what());
        ++failures;
      }
    }
  }
  summary.print();
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vis::bench

/// bench_load [visavis|janus|all [audience|meetings|all [MOST]]]
int main(int count, char** words) {
  const std::span arguments{words, static_cast<std::size_t>(count)};
  const auto word = [&](std::size_t at) {
    return at < arguments.size() ? std::string_view{arguments[at]} : std::string_view{};
  };
  const auto most = arguments.size() > 3 ? std::strtoul(arguments[3], nullptr, 10) : 0;
  return vis::bench::run_all(word(1), word(2), most);
}
