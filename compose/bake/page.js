document.documentElement.className = "js";
addEventListener("DOMContentLoaded", function () {
	var rows = document.querySelectorAll("table.images tbody tr");
	var box = document.getElementById("search"), told = document.getElementById("found");
	box.addEventListener("input", function () {
		var words = box.value.toLowerCase().split(/\s+/), n = 0;
		rows.forEach(function (row) {
			var text = row.textContent.toLowerCase();
			row.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
			n += !row.hidden;
		});
		told.textContent = box.value ? n + " of " + rows.length : "";
	});
});
