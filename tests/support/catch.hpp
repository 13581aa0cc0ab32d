#pragma once

// Catch2 is costly to parse: every test program precompiles this header.
#include <catch2/catch.hpp>
