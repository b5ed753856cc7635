// Compiled into each test program with that program's definitions.
bool plainsight_test_needs_data() {
#ifdef PLAINSIGHT_TEST_NEEDS_DATA
  return true;
#else
  return false;
#endif
}
