extension CHelper {
  /// Dates and times.
  static let timeSources: [CHelper: String] = [
    .date:
      """
    /* Days of the Gregorian calendar, counted from 1970-01-01 in eras of 400 years that begin in March
       (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
    static int64_t days_of(int64_t year, int month, int day) {
      const int64_t y = month <= 2 ? year - 1 : year;
      const int64_t era = (y >= 0 ? y : y - 399) / 400;
      const int64_t year_of_era = y - era * 400;
      const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
      return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
    }
    """,
    .moment:
      """
    /* Days since 1970-01-01 and seconds of the day, as a clock there shows them. */
    struct moment {
      int is_there;
      int64_t day;
      double second;
    };

    /* 0 beyond the year 9999. */
    static int moment_of(double seconds, struct moment *moment) {
      if (!(fabs(seconds) < 253402300800.0)) return 0;
      const double day = floor(seconds / 86400);
      moment->day = (int64_t)day;
      moment->second = seconds - day * 86400;
      return 1;
    }
    """,
    .written:
      """
    /* A date and a time as they are written. */
    struct written_time {
      int year, month, day, hour, minute;
      double second;
      int has_zone, zone;
    };

    static const struct written_time no_time = {1970, 1, 1, 0, 0, 0, 0, 0};

    /* 0 where there is no such date or time. `offset` are the minutes that the clock is ahead of UTC. */
    static int moment_written(const struct written_time *time, int offset, struct moment *moment) {
      static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
      if (time->year < 1 || time->year > 9999 || time->month < 1 || time->month > 12) return 0;
      const int is_leap = time->year % 4 == 0 && (time->year % 100 != 0 || time->year % 400 == 0);
      const int length = lengths[time->month - 1] + (time->month == 2 && is_leap);
      if (time->day < 1 || time->day > length || time->hour > 23 || time->minute > 59
          || !(time->second < 61))
        return 0;
      const double seconds = (double)(time->hour * 3600 + time->minute * 60) + time->second;
      const int64_t day = days_of(time->year, time->month, time->day);
      if (time->has_zone)
        return moment_of((double)day * 86400 + seconds + (double)((offset - time->zone) * 60), moment);
      moment->day = day;
      moment->second = seconds < 86399.999 ? seconds : 86399.999;
      return 1;
    }
    """,
    .cursor:
      """
    /* A text that is read from its beginning. */
    struct cursor {
      struct text text;
      size_t place;
    };

    static inline int next_byte(const struct cursor *at) {
      return at->place < at->text.length ? (unsigned char)at->text.start[at->place] : -1;
    }

    static int take(struct cursor *at, int byte) {
      if (next_byte(at) != byte) return 0;
      at->place++;
      return 1;
    }

    /* A number of `least` to `most` digits; -1 where there are fewer. */
    static int read_digits(struct cursor *at, int least, int most) {
      int value = 0, count = 0;
      while (count < most && next_byte(at) >= '0' && next_byte(at) <= '9') {
        value = value * 10 + (next_byte(at) - '0');
        count++;
        at->place++;
      }
      return count >= least ? value : -1;
    }
    """,
    .fraction:
      """
    /* Digits as a fraction; -1 where there are none. */
    static double read_fraction(struct cursor *at) {
      double value = 0, scale = 1;
      int count = 0;
      for (; next_byte(at) >= '0' && next_byte(at) <= '9'; at->place++, count++) {
        if (count >= 15) continue;
        value = value * 10 + (double)(next_byte(at) - '0');
        scale *= 10;
      }
      return count > 0 ? value / scale : -1;
    }
    """,
    .zone:
      """
    /* `Z`, or hours and minutes ahead of UTC. */
    static int read_zone(struct cursor *at, struct written_time *time) {
      time->has_zone = 1;
      time->zone = 0;
      if (take(at, 'Z') || take(at, 'z')) return 1;
      const int sign = next_byte(at) == '-' ? -1 : 1;
      if (!take(at, '+') && !take(at, '-')) return 0;
      const int hours = read_digits(at, 2, 2);
      if (hours < 0) return 0;
      take(at, ':');
      const int minutes = at->place == at->text.length ? 0 : read_digits(at, 2, 2);
      if (minutes < 0 || hours > 18 || minutes > 59) return 0;
      time->zone = sign * (hours * 60 + minutes);
      return 1;
    }
    """,
    .monthName:
      """
    /* The first three letters of an English month; -1 for others. */
    static int read_month_name(struct cursor *at) {
      static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
      if (at->text.length - at->place < 3) return -1;
      for (int month = 0; month < 12; month++) {
        int k = 0;
        while (k < 3 && ((unsigned char)at->text.start[at->place + (size_t)k] | 0x20) == names[3 * month + k]) k++;
        if (k < 3) continue;
        at->place += 3;
        return month + 1;
      }
      return -1;
    }
    """,
    .isoTime:
      """
    /* All of a text as a date of ISO 8601, with or without a time. */
    static int read_iso_time(struct cursor *at, struct written_time *time) {
      time->year = read_digits(at, 4, 4);
      if (time->year < 0) return 0;
      const int mark = next_byte(at);
      const int is_marked = mark == '-' || mark == '/';
      at->place += (size_t)is_marked;
      time->month = read_digits(at, 2, 2);
      if (time->month < 0 || (is_marked && !take(at, mark))) return 0;
      time->day = read_digits(at, 2, 2);
      if (time->day < 0) return 0;
      if (at->place == at->text.length) return 1;
      if (!take(at, 'T') && !take(at, 't') && !take(at, ' ')) return 0;
      time->hour = read_digits(at, 2, 2);
      if (time->hour < 0) return 0;
      const int has_colon = take(at, ':');
      time->minute = read_digits(at, 2, 2);
      if (time->minute < 0) return 0;
      if (has_colon ? take(at, ':') : next_byte(at) >= '0' && next_byte(at) <= '9') {
        const int second = read_digits(at, 2, 2);
        if (second < 0) return 0;
        time->second = (double)second;
        if (take(at, '.') || take(at, ',')) {
          const double part = read_fraction(at);
          if (part < 0) return 0;
          time->second += part;
        }
      }
      if (at->place == at->text.length) return 1;
      take(at, ' ');
      return read_zone(at, time) && at->place == at->text.length;
    }
    """,
    .part:
      """
    enum part {
      part_year,
      part_month,
      part_day,
      part_week,
      part_weekday,
      part_weekend,
      part_hour,
      part_minute,
      part_days
    };

    /* The date so many days after 1970-01-01, in the algorithm of `days_of`. */
    static void date_of(int64_t days, int64_t *year, int *month, int *day) {
      const int64_t z = days + 719468;
      const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
      const int64_t day_of_era = z - era * 146097;
      const int64_t year_of_era =
          (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
      const int64_t day_of_year =
          day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
      const int m = (int)((5 * day_of_year + 2) / 153);
      *month = m < 10 ? m + 3 : m - 9;
      *day = (int)day_of_year - (153 * m + 2) / 5 + 1;
      *year = year_of_era + era * 400 + (*month <= 2);
    }

    /* What a feature wants to know of a moment. */
    static double part_of(const struct moment *moment, enum part part) {
      int64_t year, year_of_week;
      int month, day, unused_month, unused_day;
      date_of(moment->day, &year, &month, &day);
      /* 1970-01-01 was a Thursday. */
      const int weekday = (int)(((moment->day + 3) % 7 + 7) % 7) + 1;
      switch (part) {
        case part_year: return (double)year;
        case part_month: return month;
        case part_day: return day;
        case part_week: {
          /* A week belongs to the year of its Thursday. */
          const int64_t thursday = moment->day + 4 - weekday;
          date_of(thursday, &year_of_week, &unused_month, &unused_day);
          return (double)((thursday - days_of(year_of_week, 1, 1)) / 7 + 1);
        }
        case part_weekday: return weekday;
        case part_weekend: return weekday > 5;
        case part_hour: {
          const double hour = floor(moment->second / 3600);
          return hour < 23 ? hour : 23;
        }
        case part_minute: return fmod(floor(moment->second / 60), 60);
        case part_days: return (double)moment->day + moment->second / 86400;
      }
      return 0;
    }
    """,
  ]
}
