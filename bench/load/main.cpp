// How many people one core serves: our server, Janus and any other that speaks WHIP and WHEP,
// driven by the same generator in the same run, with growing audiences of one publisher and growing
// numbers of ten-person meetings, until more than 0.1 % of the packets are lost.
// docs/guides/benchmarks.md says how to read the output.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "load/janus_sfu.hpp"
#include "load/options.hpp"
#include "load/summary.hpp"
#include "load/trial.hpp"
#include "load/visavis_sfu.hpp"
#include "load/whip_sfu.hpp"

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
    {Shape::Audience, "audience", "listeners of one publisher", {.first = 200, .most = 3200}},
    {Shape::Meetings, "meetings", "meetings of ten", {.first = 2, .most = 40}}};

std::unique_ptr<Sfu> start(const std::string& name, const Options& options, Generator& generator) {
  if (name == "visavis") return std::make_unique<VisavisSfu>(generator);
  if (name == "janus") return std::make_unique<JanusSfu>(generator);
  return std::make_unique<WhipSfu>(generator, options.other);
}

/// Which of the servers there are the command line asks for.
std::vector<std::string> servers_of(const Options& options) {
  std::vector<std::string> names;
  const auto want = [&](const std::string& name) {
    if (options.server == "all" || options.server == name) names.push_back(name);
  };
  // Those that we start live in our network, where a server that runs already is not.
  if (options.own_network()) {
    want("visavis");
    if (JanusSfu::available()) {
      want("janus");
    } else {
      std::printf("janus is not installed and is left out\n\n");
    }
  }
  if (!options.other.whip.empty()) want(options.other.name);
  if (names.empty()) throw std::invalid_argument("there is no server " + options.server);
  return names;
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
  if (const double full = best.full_core(); full > 0) {
    std::printf(". A full core would carry about %.0f", full);
  }
  std::printf(".\n");
}

void run(const std::string& name, const Load& load, const Options& options, Summary& summary) {
  std::printf("%s, %s\n", name.c_str(), load.words);
  std::fflush(stdout);
  Generator generator{options.own_network() ? Network::Own : Network::Loopback};
  const auto sfu = start(name, options, generator);
  Trial trial{generator, *sfu, load.shape};
  try {
    const Trial::Outcome outcome = trial.run(load.limits);
    report(load, outcome);
    summary.add(name, load.shape, outcome);
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

int run_all(const Options& options) {
  if (std::thread::hardware_concurrency() < 2) {
    std::printf("this needs two cores: one for the server, one for the generator\n");
    return 1;
  }
  raise_file_limit();
  run_on_core(kGeneratorCore);
  const std::vector<std::string> servers = servers_of(options);
  int failures = 0;
  Summary summary{servers};
  for (Load load : kLoads) {
    if (options.load != "all" && options.load != load.name) continue;
    load.limits.each = options.each;
    if (options.most != 0) load.limits.most = options.most;
    if (options.first != 0) load.limits.first = options.first;
    load.limits.first = std::min(load.limits.first, load.limits.most);
    for (const std::string& name : servers) {
      try {
        run(name, load, options, summary);
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

/// bench_load [SERVER|all [audience|meetings|all [MOST]]] [OPTION...]: see
/// docs/guides/benchmarks.md
int main(int count, char** words) {
  const std::span arguments{words, static_cast<std::size_t>(count)};
  try {
    return vis::bench::run_all(vis::bench::Options::parse(arguments.subspan(1)));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "bench/load: %s\n", error.what());
    return 2;
  }
}
