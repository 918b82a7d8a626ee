(function () {
  'use strict';
  var by = function (id) { return document.getElementById(id); };
  var at = by('at'), filter = by('filter'), answer = by('answer'), time = document.querySelector('time');
  var rows = [].slice.call(document.querySelectorAll('#tables tr.t'));
  document.body.classList.add('on');

  function age() {
    var seconds = (Date.now() - new Date(time.dateTime)) / 1000, minutes = Math.floor(seconds / 60);
    var said = minutes < 1 ? 'now' : minutes < 120 ? minutes + ' min ago'
      : minutes < 4320 ? Math.floor(minutes / 60) + ' hours ago' : Math.floor(minutes / 1440) + ' days ago';
    by('age').textContent = ', ' + said;
    by('old').hidden = !(seconds > time.dataset.old);
    by('verdict').classList.toggle('old', seconds > time.dataset.old);
  }

  function ask() {
    var until = at.value ? new Date(at.value + 'Z') / 1000 : 0, word = filter.value.toLowerCase(), not = [];
    rows.forEach(function (row) {
      var name = row.querySelector('th').textContent, fits = name.toLowerCase().indexOf(word) >= 0;
      var holds = row.dataset.m >= until;
      if (until && !holds) not.push(name);
      row.classList.toggle('yes', !!until && holds);
      row.classList.toggle('not', !!until && !holds);
      row.style.display = fits ? '' : 'none';
      if (row.detail) row.detail.style.display = fits ? '' : 'none';
    });
    answer.className = not.length ? 'x' : 'ok';
    answer.textContent = !until ? '' : !not.length ? 'Yes, all ' + rows.length + ' tables.'
      : 'No, not in ' + (not.length === rows.length ? 'any of ' : not.length + ' of ') + rows.length + ' tables: '
        + not.slice(0, 8).join(', ') + (not.length > 8 ? ' and ' + (not.length - 8) + ' more.' : '.');
    history.replaceState(null, '', at.value ? '#at=' + at.value : location.pathname + location.search);
  }

  function read() {
    var asked = /at=(\d{4}-\d\d-\d\dT\d\d:\d\d)/.exec(location.hash);
    if (asked) { at.value = asked[1]; ask(); }
  }

  rows.forEach(function (row) {
    var button = row.querySelector('button'), detail = row.nextElementSibling;
    if (!button) return;
    row.detail = detail;
    function show(open) { detail.hidden = !open; button.setAttribute('aria-expanded', open); }
    button.addEventListener('click', function () { show(detail.hidden); });
    show(false);
  });
  at.addEventListener('input', ask);
  filter.addEventListener('input', ask);
  window.addEventListener('hashchange', read);
  read();
  age();
  setInterval(age, 30000);
})();
