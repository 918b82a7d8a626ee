-- The look, first of three questions (R4): the clock, in UTC whatever the session's zone, as this very statement began.
SELECT UTC_TIMESTAMP(6), CURRENT_USER(), CONNECTION_ID()
