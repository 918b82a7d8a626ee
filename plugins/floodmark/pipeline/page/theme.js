(function () {
  'use strict';
  try {
    var outer = parent !== window && parent.document.documentElement;
    var follow = function () { document.documentElement.dataset.theme = outer.classList.contains('dark') ? 'dark' : 'light'; };
    if (outer) { follow(); new MutationObserver(follow).observe(outer, { attributes: true }); }
  } catch (error) { /* the frame around is somebody else's */ }
})();
